package assets_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"strings"
	"testing"

	"golang.org/x/image/font/sfnt"

	"parley/assets"
)

func TestTheAppIconIsAPictureOf512Pixels(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(assets.AppIcon))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size.X != 512 || size.Y != 512 {
		t.Errorf("the icon is %v", size)
	}
}

func TestEveryIconIsAnSVGOf24(t *testing.T) {
	for _, name := range []string{
		assets.IconMicrophone, assets.IconMicrophoneOff, assets.IconCamera, assets.IconCameraOff,
		assets.IconHangUp, assets.IconChevronDown, assets.IconChevronUp, assets.IconFullScreen,
		assets.IconShare, assets.IconCaution, assets.IconSpeakerOff,
	} {
		var svg struct {
			XMLName xml.Name `xml:"svg"`
			ViewBox string   `xml:"viewBox,attr"`
			Paths   []any    `xml:"path"`
		}
		if err := xml.Unmarshal(assets.Icon(name), &svg); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if svg.ViewBox != "0 0 24 24" || len(svg.Paths) == 0 {
			t.Errorf("%s: view box %q, %d paths", name, svg.ViewBox, len(svg.Paths))
		}
	}
}

func TestEveryFontIsInter(t *testing.T) {
	for style, data := range map[string][]byte{
		"Regular": assets.InterRegular, "SemiBold": assets.InterSemiBold, "Bold": assets.InterBold,
	} {
		font, err := sfnt.Parse(data)
		if err != nil {
			t.Errorf("%s: %v", style, err)
			continue
		}
		if name, err := font.Name(nil, sfnt.NameIDFull); err != nil || !strings.HasPrefix(name, "Inter") {
			t.Errorf("the font for %s is %q (%v)", style, name, err)
		}
	}
}

func TestAnUnknownIconPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an icon that does not exist was handed out")
		}
	}()
	assets.Icon("unheard-of")
}
