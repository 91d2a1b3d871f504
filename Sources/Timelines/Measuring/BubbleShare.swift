/// The bubble of a pipeline: the share of all ranks' time in which they run no action. The time of each rank runs from
/// the first start to the last end over all ranks.
public enum BubbleShare {
    /// The share, 0 to 1; nil if the window or the number of ranks is 0.
    ///
    /// - Parameters:
    ///   - busy: The time in which actions run, summed over ranks, in nanoseconds.
    ///   - window: The time from the first start to the last end over all ranks, in nanoseconds.
    ///   - ranks: The number of ranks.
    public static func of(busy: Int64, window: Int64, ranks: Int) -> Double? {
        window == 0 || ranks == 0 ? nil : Double(window * Int64(ranks) - busy) / (Double(window) * Double(ranks))
    }
}
