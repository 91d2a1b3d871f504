/// The colours of a load over the mean: white at the mean, blue below, orange to red above.
enum LoadColorScale {
    /// The classes in ascending order, each of the loads below its limit.
    static let classes: [(limit: Double, name: String, color: String)] = [
        (0.25, "< ¼", "#2f6fb7"), (0.5, "< ½", "#6da0d6"), (0.75, "< ¾", "#a6c8e8"), (0.95, "< 0.95", "#d9e8f5"),
        (1.05, "mean", "#ffffff"), (1.2, "< 1.2", "#fdebd0"), (1.5, "< 1.5", "#fbc98a"), (2, "< 2", "#f39a4a"),
        (3, "< 3", "#dd5f2a"), (5, "< 5", "#b32a1b"), (.infinity, "≥ 5", "#5c0a12"),
    ]

    /// The index of the class of a load over the mean.
    static func index(_ value: Double) -> Int { classes.firstIndex { value < $0.limit } ?? classes.count - 1 }
}
