/// The colours of experts by their numbers of replicas.
enum ReplicaColorScale {
    /// The numbers that have a colour. The last number also stands for all larger ones.
    static let counts = 2...6

    /// The colour of each number.
    static let entries = zip(
        [(0xf3c78a, 0x6b5029), (0xe79a3c, 0x9a6d27), (0xcf5f1b, 0xcf902f), (0x9c2f12, 0xf2b95f), (0x4d0f0a, 0xffe6b8)],
        counts
    ).map { colors, count in Palette.Entry("replicas\(count)", colors.0, colors.1) }

    /// The text of a number's colour in a legend.
    static func name(_ count: Int) -> String { count == counts.upperBound ? "\(count) or more" : "\(count)" }
}
