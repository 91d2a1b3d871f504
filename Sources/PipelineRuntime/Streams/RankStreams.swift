import LibTorch

/// The streams of a rank beside the one that computes. Each begins a piece of its work after the event of the segment
/// that produced the piece's input, not after everything that has been issued.
///
/// A tensor that such a stream allocates takes memory that no earlier work of the computing stream still uses, so that an
/// exchange need not wait for that work.
package final class RankStreams {
    /// Exchanges of tokens.
    let tokens: Stream
    /// Exchanges of counts, and their copies to the host.
    let counts: Stream
    /// Sums of gradients.
    let sums: Stream
    /// Values sent to other stages.
    let sends: Stream
    /// Values received from other stages.
    let receives: Stream
    /// Streams that only wait for exchanges of tokens, exchanges of counts and sums of gradients, and so tell when these
    /// begin and end.
    let tokenTimer, countTimer, sumTimer: Stream
    /// The number of streams that are not urgent. A device has a limited number of them, which process groups use too.
    static let ordinaryCount = 3

    package init() throws {
        tokens = try Stream(isUrgent: true)
        counts = try Stream(isUrgent: true)
        sums = try Stream()
        sends = try Stream()
        receives = try Stream()
        tokenTimer = try Stream(isUrgent: true)
        countTimer = try Stream(isUrgent: true)
        sumTimer = try Stream(isUrgent: true)
    }
}
