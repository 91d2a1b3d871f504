/// The loads of consecutive windows of time, as a recorder writes them while a model runs.
public struct LoadStream: Hashable, Sendable {
    /// The windows in order of time: at least one, all of one shape.
    public let windows: [ExpertLoads]

    /// Creates a stream of `windows`.
    ///
    /// - Throws: ``ExpertLoadsError`` if there is no window or if the windows differ in shape.
    public init(_ windows: [ExpertLoads]) throws(ExpertLoadsError) {
        guard let first = windows.first else { throw ExpertLoadsError(reason: .empty) }
        for window in windows {
            guard window.layerCount == first.layerCount, window.expertCount == first.expertCount else {
                throw ExpertLoadsError(
                    reason: .differentShapes(
                        layers: window.layerCount, experts: window.expertCount, expectedLayers: first.layerCount,
                        expectedExperts: first.expertCount))
            }
        }
        self.windows = windows
    }

    /// The number of layers per window.
    public var layerCount: Int { windows[0].layerCount }
    /// The number of experts per layer.
    public var expertCount: Int { windows[0].expertCount }

    /// Returns the sum of the windows' loads.
    ///
    /// - Throws: ``ExpertLoadsError`` if a sum exceeds ``ExpertLoads/limit``.
    /// - Complexity: O(windows × layers × experts).
    public func total() throws(ExpertLoadsError) -> ExpertLoads {
        guard windows.count > 1 else { return windows[0] }
        var sums = windows[0].values
        for window in windows.dropFirst() {
            for index in sums.indices { sums[index] += window.values[index] }
        }
        return try ExpertLoads(sums, expertCount: expertCount)
    }
}
