// The counter of package devices/pattern: drawn into a picture, and read back from one. The package comment there says what it holds.
'use strict';
const pattern = (() => {
  const units = 24, frame = 3, cellsAt = 4, cell = 2, perSide = 8;
  const query = new URLSearchParams(location.search);
  const seed = Number(query.get('seed'));       // of the checksum, which is that of this machine
  const behind = Number(query.get('clock'));    // microseconds that the machine's monotonic clock is behind that of the day

  // micros turns a time of performance.now() into microseconds of the machine's monotonic clock.
  const micros = time => (performance.timeOrigin + time) * 1000 - behind;

  function checksum(payload) {
    let crc = seed;
    for (let bit = 51n; bit >= 0n; bit--) {
      const incoming = Number(payload >> bit & 1n), outgoing = crc >> 11 & 1;
      crc = crc << 1 & 0xfff;
      if (incoming !== outgoing) crc ^= 0x80f;
    }
    return crc;
  }

  const block = (width, height) => {
    const side = Math.min(0.4 * height, 0.8 * width);
    return {x: (width - side) / 2, y: (height - side) / 2, unit: side / units};
  };

  function drawBlock(canvas, counter, source) {
    const {x, y, unit} = block(canvas.canvas.width, canvas.canvas.height);
    const square = (at, side, colour) => {
      canvas.fillStyle = colour;
      canvas.fillRect(x + at * unit, y + at * unit, side * unit, side * unit);
    };
    square(-1, units + 2, '#000');
    square(0, units, '#f0f');
    square(frame, units - 2 * frame, '#000');
    const payload = (BigInt(Math.round(counter)) & 0xffffffffffn) << 12n | BigInt(source);
    const cells = payload << 12n | BigInt(checksum(payload));
    canvas.fillStyle = '#fff';
    for (let i = 0; i < perSide * perSide; i++) {
      if (!(cells >> BigInt(63 - i) & 1n)) continue;
      canvas.fillRect(x + (cellsAt + cell * (i % perSide)) * unit, y + (cellsAt + cell * (i >> 3)) * unit, cell * unit, cell * unit);
    }
  }

  // A camera that draws a lively scene with the counter in it.
  function camera(width, height, rate) {
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    const track = new MediaStreamTrackGenerator({kind: 'video'});
    const writer = track.writable.getWriter();
    const source = Math.floor(Math.random() * 4096);
    setInterval(() => {
      const now = performance.now();
      const slide = canvas.createLinearGradient(width * Math.sin(now / 3000), 0, width + width * Math.sin(now / 2000), height);
      slide.addColorStop(0, '#235');
      slide.addColorStop(0.5, '#7a9');
      slide.addColorStop(1, '#532');
      canvas.fillStyle = slide;
      canvas.fillRect(0, 0, width, height);
      for (let i = 0; i < 3; i++) {
        canvas.fillStyle = ['#d84', '#48d', '#8d4'][i];
        canvas.beginPath();
        canvas.arc(width * (0.5 + 0.4 * Math.sin(now / (900 + 200 * i) + 2 * i)), height * (0.5 + 0.35 * Math.cos(now / 1200 + i)), height / (10 + 3 * i), 0, 7);
        canvas.fill();
      }
      drawBlock(canvas, micros(now), source);
      writer.write(new VideoFrame(canvas.canvas, {timestamp: Math.round(now * 1000)}));
    }, 1000 / rate);
    return track;
  }

  // read returns the counter in what a video element shows, or null.
  const scratch = new OffscreenCanvas(64, 64).getContext('2d', {willReadFrequently: true});
  function read(video) {
    const {x, y, unit} = block(video.videoWidth, video.videoHeight);
    const side = perSide * cell * unit;
    scratch.drawImage(video, x + cellsAt * unit, y + cellsAt * unit, side, side, 0, 0, 64, 64);
    const {data} = scratch.getImageData(0, 0, 64, 64);
    const levels = [];
    for (let i = 0; i < perSide * perSide; i++) {
      let sum = 0;
      for (let dy = 2; dy < 6; dy++) {
        for (let dx = 2; dx < 6; dx++) sum += data[4 * (((i >> 3) * 8 + dy) * 64 + (i & 7) * 8 + dx) + 1];
      }
      levels.push(sum / 16);
    }
    const low = Math.min(...levels), high = Math.max(...levels);
    if (high - low < 70) return null;
    let cells = 0n;
    for (const level of levels) cells = cells << 1n | BigInt(level > (low + high) / 2);
    const payload = cells >> 12n;
    return Number(cells & 0xfffn) === checksum(payload) ? Number(payload >> 12n) : null;
  }

  // follow calls told with the age in milliseconds of each new picture of a video element when it was given to the compositor.
  function follow(video, told) {
    let last = null;
    const look = (now, {presentationTime}) => {
      video.requestVideoFrameCallback(look);
      const counter = read(video);
      if (counter === null || counter === last) return;
      last = counter;
      const age = (micros(presentationTime) - counter) % 2 ** 40;
      told((age < 0 ? age + 2 ** 40 : age) / 1000);
    };
    video.requestVideoFrameCallback(look);
  }

  return {camera, follow};
})();
