/// The copies that turn one placement into another, in rounds.
///
/// In a round no device sends more than one expert and none receives more than one. Every copy is read from the
/// placement before: what arrives is kept aside until its layer's last copy has arrived, and put into its slot then.
/// Slots whose expert their device already held change by themselves and cost nothing.
public struct MigrationPlan: Hashable, Sendable {
    /// How rounds are made.
    public enum Grouping: String, CaseIterable, Sendable {
        /// A layer at a time: little is kept aside.
        case byLayer
        /// All layers together: the fewest rounds.
        case together
    }

    /// The copies, by layer and slot.
    public let copies: [ExpertCopy]
    /// The rounds in order, each a list of indices of ``copies``.
    public let rounds: [[Int]]
    /// How many devices there are.
    public let deviceCount: Int

    /// The copies from `old` to `new`.
    ///
    /// Sources are the least busy devices that hold the expert. The rounds are an edge colouring of the bipartite graph of
    /// senders and receivers, which takes as many as the busiest device has copies (Kőnig).
    ///
    /// - Precondition: Both placements have the same layers, experts and devices.
    /// - Complexity: O(copies × (devices + rounds)).
    public init(from old: Placement, to new: Placement, grouping: Grouping = .byLayer) {
        precondition(
            old.layerCount == new.layerCount && old.expertCount == new.expertCount
                && old.deviceOffsets == new.deviceOffsets, "the placements have one shape")
        deviceCount = old.deviceCount
        var copies: [ExpertCopy] = []
        var rounds: [[Int]] = []
        var sends = [Int](repeating: 0, count: deviceCount)
        var devicesOfExpert = [[Int]](repeating: [], count: old.expertCount)
        for layer in 0..<old.layerCount {
            let first = copies.count
            if grouping == .byLayer { sends = [Int](repeating: 0, count: deviceCount) }
            Self.appendCopies(ofLayer: layer, from: old, to: new, &copies, &sends, &devicesOfExpert)
            if grouping == .byLayer { rounds += EdgeColoring.rounds(copies[first...], deviceCount: deviceCount) }
        }
        if grouping == .together { rounds = EdgeColoring.rounds(copies[...], deviceCount: deviceCount) }
        self.copies = copies
        self.rounds = rounds
    }

    /// Appends a layer's copies; `sends` counts those of each device, `devicesOfExpert` is scratch. A second slot for an expert
    /// on a device is filled from the first.
    private static func appendCopies(
        ofLayer layer: Int, from old: Placement, to new: Placement, _ copies: inout [ExpertCopy], _ sends: inout [Int],
        _ devicesOfExpert: inout [[Int]]
    ) {
        for expert in devicesOfExpert.indices { devicesOfExpert[expert].removeAll(keepingCapacity: true) }
        old.forEachReplica(ofLayer: layer) { expert, device, _ in devicesOfExpert[expert].append(device) }
        new.forEachReplica(ofLayer: layer) { expert, device, slot in
            guard !devicesOfExpert[expert].contains(device),
                let source = devicesOfExpert[expert].min(by: { (sends[$0], $0) < (sends[$1], $1) })
            else { return }
            sends[source] += 1
            copies.append(ExpertCopy(layer: layer, expert: expert, source: source, target: device, slot: slot))
        }
    }

    /// The bytes that each pair of devices exchanges, given the bytes of one expert: `sources × targets`.
    public func bytesPerLink(expertBytes: Int) -> [Int] {
        var bytes = [Int](repeating: 0, count: deviceCount * deviceCount)
        for copy in copies { bytes[copy.source * deviceCount + copy.target] += expertBytes }
        return bytes
    }
}
