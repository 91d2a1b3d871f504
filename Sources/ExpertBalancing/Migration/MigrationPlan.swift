/// The copies that turn one placement into another, in rounds.
///
/// In a round, each device sends at most one expert and receives at most one. All copies are read from the old
/// placement: a device buffers a received expert until the last copy of the layer has arrived, and then moves the expert
/// into its slot. Each slot whose expert differs is one copy, except slots that become empty. So the copies turn the old
/// placement into the new one, slot by slot. If the device already holds the expert in another slot, the copy is from the
/// device to itself.
///
/// A device may have another number of slots in the new placement. The slots that a device has in both are its first
/// ones. A device without slots in the new placement, such as one that has failed, sends nothing.
public struct MigrationPlan: Hashable, Sendable {
    /// The grouping of copies into rounds.
    public enum Grouping: String, CaseIterable, Sendable {
        /// One layer after the other, so that devices buffer few experts.
        case byLayer
        /// All layers together, in the fewest rounds.
        case together
    }

    /// The copies in order of layer and slot.
    public let copies: [ExpertCopy]
    /// The rounds in order, each a list of indices of ``copies``.
    public let rounds: [[Int]]
    /// The slots whose experts no device can send, because all devices that held them have failed.
    public let restores: [ExpertRestore]
    /// The number of devices.
    public let deviceCount: Int

    /// Plans the copies from `old` to `new`.
    ///
    /// The source of each copy is the device with the fewest sends so far among those that hold the expert. The rounds
    /// are an edge coloring of the bipartite graph of senders and receivers; their number is the largest number of
    /// copies that one device sends or receives (Kőnig).
    ///
    /// - Precondition: Both placements have the same layers, experts and devices. The devices may have other numbers of
    ///   slots.
    /// - Complexity: O(copies × (devices + rounds)).
    public init(from old: Placement, to new: Placement, grouping: Grouping = .byLayer) {
        precondition(
            old.layerCount == new.layerCount && old.expertCount == new.expertCount
                && old.deviceCount == new.deviceCount, "the placements have the same layers, experts and devices")
        deviceCount = old.deviceCount
        var copies: [ExpertCopy] = []
        var restores: [ExpertRestore] = []
        var rounds: [[Int]] = []
        let held = old.experts(inSlotsOf: new)
        var sends = [Int](repeating: 0, count: deviceCount)
        var devicesOfExpert = [[Int]](repeating: [], count: old.expertCount)
        for layer in 0..<old.layerCount {
            let first = copies.count
            if grouping == .byLayer { sends = [Int](repeating: 0, count: deviceCount) }
            for expert in devicesOfExpert.indices { devicesOfExpert[expert].removeAll(keepingCapacity: true) }
            old.forEachReplica(ofLayer: layer) { expert, device, _ in
                if !new.slots(ofDevice: device).isEmpty { devicesOfExpert[expert].append(device) }
            }
            Self.appendCopies(ofLayer: layer, to: new, from: held, devicesOfExpert, &sends, &copies, &restores)
            if grouping == .byLayer { rounds += EdgeColoring.rounds(copies[first...], deviceCount: deviceCount) }
        }
        if grouping == .together { rounds = EdgeColoring.rounds(copies[...], deviceCount: deviceCount) }
        self.copies = copies
        self.restores = restores
        self.rounds = rounds
    }

    /// Creates a plan of given copies, in order of layer and slot, in the fewest rounds.
    init(copies: [ExpertCopy], deviceCount: Int) {
        self.copies = copies
        self.deviceCount = deviceCount
        restores = []
        rounds = EdgeColoring.rounds(copies[...], deviceCount: deviceCount)
    }

    /// Appends the copies of a layer. `held` has the expert that each slot of `new` holds before, and `sends` counts the
    /// copies that each device sends.
    private static func appendCopies(
        ofLayer layer: Int, to new: Placement, from held: [Int32], _ devicesOfExpert: [[Int]], _ sends: inout [Int],
        _ copies: inout [ExpertCopy], _ restores: inout [ExpertRestore]
    ) {
        let first = layer * new.slotCount
        for target in 0..<new.deviceCount {
            for slot in new.slots(ofDevice: target) where held[first + slot] != new.experts[first + slot] {
                let expert = Int(new.experts[first + slot])
                guard expert >= 0 else { continue }
                let holders = devicesOfExpert[expert]
                guard let source = Self.source(among: holders, for: target, sends) else {
                    restores.append(ExpertRestore(layer: layer, expert: expert, target: target, slot: slot))
                    continue
                }
                sends[source] += 1
                copies.append(ExpertCopy(layer: layer, expert: expert, source: source, target: target, slot: slot))
            }
        }
    }

    /// Returns the device that sends an expert to `target`: the target itself if it holds the expert, else the holder
    /// with the fewest sends. nil if there is no holder. O(holders).
    static func source(among holders: [Int], for target: Int, _ sends: [Int]) -> Int? {
        holders.contains(target) ? target : holders.min { (sends[$0], $0) < (sends[$1], $1) }
    }

    /// Returns the placement after the copies: `old` with the expert of each copy in its slot. Slots that become empty
    /// keep their experts. O(layers × slots).
    ///
    /// - Throws: ``BalancingError`` if the source of a copy does not hold the expert in `old`.
    /// - Precondition: `old` is the placement that the copies start from, and no device changes its number of slots.
    public func applied(to old: Placement) throws -> Placement {
        var experts = old.experts
        for copy in copies {
            let row = old.experts(ofLayer: copy.layer)
            guard old.slots(ofDevice: copy.source).contains(where: { row[row.startIndex + $0] == copy.expert }) else {
                throw BalancingError(
                    "layer \(copy.layer): device \(copy.source) does not hold expert \(copy.expert): give the placement "
                        + "that the copies start from")
            }
            experts[copy.layer * old.slotCount + copy.slot] = Int32(truncatingIfNeeded: copy.expert)
        }
        return try Placement(experts: experts, expertCount: old.expertCount, deviceOffsets: old.deviceOffsets)
    }

    /// Returns the bytes that all devices send to other devices. O(copies).
    public func bytes(_ size: ExpertBytes) -> Int {
        copies.reduce(0) { $0 + ($1.source == $1.target ? 0 : size[$1.content]) }
    }

    /// Returns the bytes that each device sends to each other device: `sources × targets`.
    ///
    /// - Parameter expertBytes: The bytes of one expert's weights.
    public func bytesPerLink(expertBytes: Int) -> [Int] {
        var bytes = [Int](repeating: 0, count: deviceCount * deviceCount)
        for copy in copies where copy.source != copy.target {
            bytes[copy.source * deviceCount + copy.target] += expertBytes
        }
        return bytes
    }
}
