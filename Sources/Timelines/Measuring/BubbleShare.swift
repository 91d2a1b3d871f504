/// The bubble of a pipeline: the part of all ranks' time, from the first action of any rank to the last end of all, in
/// which a rank runs no action.
public enum BubbleShare {
    /// The share, 0 to 1; nil if the window or the number of ranks is 0.
    ///
    /// - Parameters:
    ///   - busy: The time in which actions run, summed over ranks, in nanoseconds.
    ///   - window: From the first start to the last end over all ranks, in nanoseconds.
    public static func of(busy: Int64, window: Int64, ranks: Int) -> Double? {
        window == 0 || ranks == 0 ? nil : Double(window * Int64(ranks) - busy) / (Double(window) * Double(ranks))
    }
}
