/// The colours of all pages and pictures: one per meaning, in a light and a dark scheme.
///
/// The kinds of actions, communication and idle time differ in lightness by at least 9.5 of 100 (CIELAB), so that
/// they stay distinct in greyscale. The ink of texts has a contrast of at least 4.5 to 1 on every colour below it.
package enum Palette {
    /// The two colours of a meaning.
    package struct Entry: Sendable {
        /// The name of the CSS custom property, without its hyphens.
        package let name: String
        /// The colour on a light ground.
        package let light: RGBColor
        /// The colour on a dark ground.
        package let dark: RGBColor

        init(_ name: String, _ light: UInt32, _ dark: UInt32) {
            self.name = name
            self.light = RGBColor(light)
            self.dark = RGBColor(dark)
        }
    }

    /// The entries in the order of the style sheet.
    package static let entries =
        [
            Entry("ground", 0xffffff, 0x14171c), Entry("ink", 0x1b1f24, 0xe4e7eb), Entry("soft", 0x59616b, 0xa3acb8),
            Entry("line", 0xd9dde3, 0x333a43), Entry("panel", 0xf5f6f8, 0x1d2228), Entry("focus", 0x1a66d6, 0x7db2ff),
            Entry("tip", 0x1b1f24, 0x39424d), Entry("chunk", 0x777777, 0x9aa0a8),
        ] + kinds + curves + LoadColorScale.entries + ReplicaColorScale.entries

    /// A colour for each kind of span. Idle time has the colour of the ground, within a frame.
    private static let kinds = [
        Entry("forward", 0xffcc83, 0xffd087), Entry("inputGradient", 0x5dc2c9, 0x63c8cf),
        Entry("backward", 0x56a068, 0x61ab72), Entry("weightGradient", 0x136fbd, 0x4183d0),
        Entry("communication", 0x6e3180, 0x8d4aa2), Entry("transfer", 0x6e3180, 0x8d4aa2),
        Entry("exposed", 0xca2c34, 0xf35452), Entry("compute", 0x6a8195, 0x60778b), Entry("memory", 0xb89b88, 0xad907e),
        Entry("wait", 0xdfe3e8, 0x42474d),
    ]

    /// The colours of a chart's curves, in order.
    private static let curves = [
        Entry("curve0", 0x1f5fb0, 0x7fb0f0), Entry("curve1", 0xb4540a, 0xf0a24b), Entry("curve2", 0x2e7d4f, 0x7ccf95),
        Entry("curve3", 0x7c3aad, 0xc49af0), Entry("curve4", 0xb3261e, 0xf28b82), Entry("curve5", 0x5b6470, 0xb0b8c4),
    ]

    /// The entry with the given name.
    ///
    /// - Precondition: There is an entry with that name.
    package static func entry(_ name: String) -> Entry {
        guard let entry = entries.first(where: { $0.name == name }) else {
            preconditionFailure("the palette has no colour '\(name)'")
        }
        return entry
    }

    /// The custom properties of a page: the light scheme, or the dark scheme if the system asks for it and the page is
    /// not printed.
    static var customProperties: String {
        func list(_ color: (Entry) -> RGBColor) -> String { entries.map { "--\($0.name): \(color($0).css);" }.joined() }
        return """
            :root { color-scheme: light; \(list(\.light)) }
            @media screen and (prefers-color-scheme: dark) {
            :root:not([data-print]) { color-scheme: dark; \(list(\.dark)) } }

            """
    }

    /// A rule of a picture's style sheet, which depends on the scheme.
    struct Rule {
        let selector: String
        let property: String
        let color: @Sendable (_ isDark: Bool) -> RGBColor

        /// A rule that takes an entry's colour.
        init(_ selector: String, _ property: String, _ name: String) {
            self.init(selector, property) { isDark in
                let entry = Palette.entry(name)
                return isDark ? entry.dark : entry.light
            }
        }

        /// A rule whose colour is computed for each scheme.
        init(_ selector: String, _ property: String, color: @escaping @Sendable (Bool) -> RGBColor) {
            self.selector = selector
            self.property = property
            self.color = color
        }
    }

    /// The rules as CSS. An SVG file has plain colours, since many programs that show one know no custom properties.
    static func css(_ rules: [Rule]) -> String {
        func list(isDark: Bool) -> String {
            rules.map { "\($0.selector){\($0.property):\($0.color(isDark).css)}" }.joined()
        }
        return list(isDark: false) + "@media(prefers-color-scheme:dark){\(list(isDark: true))}"
    }
}
