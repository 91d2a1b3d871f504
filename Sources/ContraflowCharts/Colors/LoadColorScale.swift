/// The colours of a load over the mean: grey at the mean, blue below, orange to red above. The range is fixed, so that
/// pictures can be compared.
enum LoadColorScale {
    /// The classes in ascending order. A load belongs to the first class whose limit is above the load.
    static let classes: [(limit: Double, name: String)] = [
        (0.25, "< ¼"), (0.5, "< ½"), (0.75, "< ¾"), (0.95, "< 0.95"), (1.05, "mean"), (1.2, "< 1.2"), (1.5, "< 1.5"),
        (2, "< 2"), (3, "< 3"), (5, "< 5"), (.infinity, "≥ 5"),
    ]

    /// The colour of each class.
    static let entries = zip(
        [
            (0x2f6fb7, 0x9cc8ff), (0x6da0d6, 0x6ea6e6), (0xa6c8e8, 0x4b7fb8), (0xcfe0f0, 0x3d5c80),
            (0xe6e6e3, 0x40464e), (0xfbe0b8, 0x635038), (0xf8bf7c, 0x8f6731), (0xf39a4a, 0xc4822e),
            (0xdd5f2a, 0xee8a3c), (0xb32a1b, 0xff9f80), (0x5c0a12, 0xffd8ce),
        ], 0...
    ).map { colors, index in Palette.Entry("load\(index)", colors.0, colors.1) }

    /// The index of the class of a load over the mean.
    static func index(_ value: Double) -> Int { classes.firstIndex { value < $0.limit } ?? classes.count - 1 }
}
