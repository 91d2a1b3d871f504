import ContraflowCharts
import Testing

@Suite("Colours") struct PaletteTests {
    /// The lightness of CIELAB, from 0 to 100: the grey that a colour becomes without its hue.
    private func lightness(_ color: RGBColor) -> Double {
        let luminance = color.luminance
        guard luminance > 0.008856 else { return 903.3 * luminance }
        var root = 1.0
        for _ in 0..<60 { root -= (root * root * root - luminance) / (3 * root * root) }
        return 116 * root - 16
    }

    @Test("Luminance and contrast agree with WCAG's examples")
    func luminanceIsOfWCAG() {
        #expect(RGBColor(0xffffff).luminance == 1 && RGBColor(0).luminance == 0)
        #expect(abs(RGBColor(0xffffff).contrast(with: RGBColor(0)) - 21) < 1e-9)
        // #767676 is the lightest grey with 4.5 to 1 on white.
        #expect(RGBColor(0x767676).contrast(with: RGBColor(0xffffff)) >= 4.5)
        #expect(RGBColor(0x777777).contrast(with: RGBColor(0xffffff)) < 4.5)
        #expect(RGBColor(0x136fbd).css == "#136fbd")
    }

    @Test(
        "Forward, backward, input gradient, weight gradient, communication and idle time differ in greyscale",
        arguments: [false, true])
    func kindsDifferInGrey(isDark: Bool) {
        let names = ["forward", "inputGradient", "backward", "weightGradient", "communication", "ground"]
        let greys = names.map { name in
            let entry = Palette.entry(name)
            return lightness(isDark ? entry.dark : entry.light)
        }.sorted()
        for (low, high) in zip(greys, greys.dropFirst()) { #expect(high - low >= 9.5, "\(greys)") }
    }

    @Test("Texts have a contrast of at least 4.5 to 1 in both schemes", arguments: [false, true])
    func textsAreLegible(isDark: Bool) {
        func color(_ name: String) -> RGBColor { isDark ? Palette.entry(name).dark : Palette.entry(name).light }
        for ink in ["ink", "soft"] {
            for ground in ["ground", "panel"] {
                #expect(color(ink).contrast(with: color(ground)) >= 4.5, "\(ink) on \(ground)")
            }
        }
        #expect(color("tip").contrast(with: RGBColor(0xffffff)) >= 4.5)
        for kind in PlotKind.allCases {
            for opacity in [1, 0.5, 1.0 / 3, 0.25] {
                let box = color(kind.rawValue).over(color("ground"), opacity: opacity)
                #expect(box.ink.contrast(with: box) >= 4.5, "\(kind) at \(opacity)")
            }
        }
        for index in 0..<6 { #expect(color("curve\(index)").contrast(with: color("ground")) >= 4.5, "curve \(index)") }
        #expect(color("focus").contrast(with: color("ground")) >= 3)
    }

    @Test("An even load does not have the colour of the ground")
    func evenLoadsAreVisible() {
        let mean = Palette.entry("load4")
        #expect(mean.light != Palette.entry("ground").light && mean.dark != Palette.entry("ground").dark)
    }
}
