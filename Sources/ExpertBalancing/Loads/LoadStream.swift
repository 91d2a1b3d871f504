/// Loads window after window, as a recorder writes them while a model runs.
public struct LoadStream: Hashable, Sendable {
    /// The windows in order of time, all of one shape; at least one.
    public let windows: [ExpertLoads]

    /// A stream of `windows`.
    ///
    /// - Throws: ``ExpertLoadsError`` where there is no window or their shapes differ.
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

    /// How many layers a window has.
    public var layerCount: Int { windows[0].layerCount }
    /// How many experts a layer has.
    public var expertCount: Int { windows[0].expertCount }

    /// The windows' loads, added up.
    ///
    /// - Throws: ``ExpertLoadsError`` where a sum exceeds ``ExpertLoads/limit``.
    /// - Complexity: O(windows × layers × experts).
    public func total() throws(ExpertLoadsError) -> ExpertLoads {
        var sums = windows[0].values
        for window in windows.dropFirst() {
            for index in sums.indices { sums[index] += window.values[index] }
        }
        return try ExpertLoads(sums, expertCount: expertCount)
    }
}
