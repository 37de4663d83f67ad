package server

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/call/signal/wire"
)

// metrics are one server's numbers, in a registry of their own so that a process may run several servers.
type metrics struct {
	registry *prometheus.Registry
	joins    *prometheus.CounterVec // by new or resumed
	leaves   *prometheus.CounterVec // by reason
	refusals *prometheus.CounterVec // by why
	closes   *prometheus.CounterVec // by close code
	messages *prometheus.CounterVec // by type
	bytesIn  prometheus.Counter
	signals  prometheus.Counter
	bytesOut prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		joins:    counters("joins", "Places in rooms given out, by whether the person came back to one.", "kind"),
		leaves:   counters("leaves", "People who left, by reason.", "reason"),
		refusals: counters("refusals", "Connections and joins refused, by why.", "why"),
		closes:   counters("closes", "Connections closed by the server, by close code.", "code"),
		messages: counters("messages", "Messages received, by type.", "type"),
		bytesIn:  counter("received_bytes", "Bytes of messages received."),
		signals:  counter("signals", "Signals passed on."),
		bytesOut: counter("relayed_bytes", "Bytes of signals passed on."),
	}
	m.registry.MustRegister(
		m.joins, m.leaves, m.refusals, m.closes, m.messages, m.bytesIn, m.signals, m.bytesOut,
		gauge("connections", "WebSockets open.", s.connections),
		gauge("rooms", "Rooms with somebody in them.", func() int { rooms, _ := s.hub.counts(); return rooms }),
		gauge("people", "People in rooms, with those whose place is kept.", func() int { _, people := s.hub.counts(); return people }),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

const namespace = "parley"

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name + "_total", Help: help})
}

func counters(name, help, label string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name + "_total", Help: help}, []string{label})
}

func gauge(name, help string, value func() int) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help},
		func() float64 { return float64(value()) })
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) joined(kind string)   { m.joins.WithLabelValues(kind).Inc() }
func (m *metrics) left(why wire.Reason) { m.leaves.WithLabelValues(string(why)).Inc() }
func (m *metrics) refused(why string)   { m.refusals.WithLabelValues(why).Inc() }
func (m *metrics) closed(code int)      { m.closes.WithLabelValues(strconv.Itoa(code)).Inc() }
func (m *metrics) relayed(n int)        { m.signals.Inc(); m.bytesOut.Add(float64(n)) }

// received counts a message. Types that the protocol does not have count as one, so that nobody can make up labels.
func (m *metrics) received(t []byte, n int) {
	label := "unknown"
	switch string(t) {
	case wire.TypeJoin, wire.TypeLeave, wire.TypeState, wire.TypeSignal:
		label = string(t)
	}
	m.messages.WithLabelValues(label).Inc()
	m.bytesIn.Add(float64(n))
}
