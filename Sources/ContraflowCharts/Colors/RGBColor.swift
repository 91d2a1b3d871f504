/// An opaque sRGB colour.
package struct RGBColor: Hashable, Sendable {
    /// The channels red, green and blue, from 0 to 255.
    package let channels: SIMD3<Double>

    /// The colour of a number such as `0x136fbd`.
    package init(_ hex: UInt32) {
        channels = SIMD3(Double(hex >> 16 & 0xff), Double(hex >> 8 & 0xff), Double(hex & 0xff))
    }

    private init(channels: SIMD3<Double>) { self.channels = channels }

    /// The colour as CSS writes it, such as `#136fbd`.
    package var css: String {
        let digits = Array("0123456789abcdef")
        return (0..<3).reduce(into: "#") { text, index in
            let value = Int(channels[index].rounded())
            text.append(digits[value / 16])
            text.append(digits[value % 16])
        }
    }

    /// The colour at an opacity from 0 to 1 over another one.
    package func over(_ ground: RGBColor, opacity: Double) -> RGBColor {
        RGBColor(channels: channels * opacity + ground.channels * (1 - opacity))
    }

    /// The relative luminance that WCAG defines, from 0 for black to 1 for white.
    package var luminance: Double {
        func linear(_ value: Double) -> Double {
            value <= 0.04045 ? value / 12.92 : Self.power((value + 0.055) / 1.055)
        }
        let share = channels / 255
        return 0.2126 * linear(share.x) + 0.7152 * linear(share.y) + 0.0722 * linear(share.z)
    }

    /// The contrast ratio that WCAG defines, from 1 to 21.
    package func contrast(with other: RGBColor) -> Double {
        let (high, low) = (max(luminance, other.luminance), min(luminance, other.luminance))
        return (high + 0.05) / (low + 0.05)
    }

    /// The colour of text on this colour: black or white, whichever has the higher contrast. It is at least 4.58 to 1.
    package var ink: RGBColor {
        let inks = [RGBColor(0x000000), RGBColor(0xffffff)]
        return inks[0].contrast(with: self) >= inks[1].contrast(with: self) ? inks[0] : inks[1]
    }

    /// `base` to the power 2.4: the fifth root of the twelfth power, by Newton's method, so that no mathematical
    /// library is needed.
    private static func power(_ base: Double) -> Double {
        let cube = base * base * base
        let wanted = cube * cube * cube * cube
        guard wanted > 0 else { return 0 }
        var root = 1.0
        for _ in 0..<60 {
            let fourth = root * root * root * root
            root -= (root * fourth - wanted) / (5 * fourth)
        }
        return root
    }
}
