/// Spreads the copies of a migration over training steps.
///
/// Weights and moments change at the end of every step. Therefore, a slot takes over a copy at the end of the step in
/// which the copy is made. The scheduler divides each layer's copies into parts. A part is a smallest set of copies that
/// slots can take over together, so that every expert has its owner between any two parts: if a copy overwrites the
/// owner of another expert, the part has the copy to that expert's new owner, and so on. All copies of a step read the
/// slots as they are at the beginning of the step.
package struct MigrationScheduler {
    /// A copy whose source is not chosen yet.
    private struct Receipt {
        var slot: Int
        var expert: Int
        var content: ExpertCopy.Content
    }

    /// A step of the migration with the load of its devices.
    private struct Step {
        var copies: [ExpertCopy] = []
        /// The number of copies that each device sends.
        var sends: [Int]
        /// The number of copies that each device receives.
        var receipts: [Int]
    }

    /// A layer while its parts are scheduled.
    private struct Layer {
        let index: Int
        /// The expert of each slot after the parts so far.
        var row: [Int32]
        /// The slot that owns each expert after the parts so far.
        var owners: [Int32]
        /// The expert of each slot after the migration.
        let newRow: [Int32]
        /// The slot that owns each expert after the migration.
        let newOwners: [Int32]
    }

    private let limit: Int
    private let deviceCount: Int
    private let deviceOfSlot: [Int]
    private var steps: [Step] = []

    /// Creates a scheduler without copies.
    ///
    /// - Parameter limit: The copies that a device may send, and the copies that it may receive, per step. Only a part
    ///   that exceeds the limit alone has more, in a step of its own.
    package init(limit: Int, placement: Placement) {
        self.limit = limit
        deviceCount = placement.deviceCount
        deviceOfSlot = placement.deviceOfSlot
    }

    /// The copies of each step, in order of layer and slot.
    package var migrations: [MigrationPlan] {
        steps.map { step in
            let copies = step.copies.sorted { ($0.layer, $0.slot) < ($1.layer, $1.slot) }
            return MigrationPlan(copies: copies, deviceCount: deviceCount)
        }
    }

    /// Schedules the copies of a layer, each part in the first step that has room and is not before the layer's previous
    /// part.
    ///
    /// - Returns: The number of steps until the layer's last copy has been made; nil if the layer does not change.
    /// - Complexity: O(copies × (slots + steps × devices)).
    package mutating func schedule(
        layer index: Int, from old: Placement, _ owners: SlotOwners, to new: Placement, _ newOwners: SlotOwners
    ) -> Int? {
        var layer = Layer(
            index: index, row: Array(old.experts(ofLayer: index)), owners: Array(owners[layer: index]),
            newRow: Array(new.experts(ofLayer: index)), newOwners: Array(newOwners[layer: index]))
        var step = 0
        /// The expert of each slot at the beginning of the step.
        var rowOfStep = layer.row
        var isChanged = false
        for slot in layer.row.indices where layer.row[slot] != layer.newRow[slot] {
            let part = part(of: layer, from: slot)
            while !add(part, of: layer, rowOfStep, to: step) {
                step += 1
                rowOfStep = layer.row
            }
            for receipt in part {
                layer.row[receipt.slot] = Int32(truncatingIfNeeded: receipt.expert)
                if receipt.content.contains(.state) {
                    layer.owners[receipt.expert] = Int32(truncatingIfNeeded: receipt.slot)
                }
            }
            isChanged = true
        }
        return isChanged ? step + 1 : nil
    }

    /// Returns the part that begins with the copy to `first`.
    private func part(of layer: Layer, from first: Int) -> [Receipt] {
        var part: [Receipt] = []
        var slot = first
        while true {
            let expert = Int(layer.newRow[slot])
            let isOwner = Int(layer.newOwners[expert]) == slot
            part.append(Receipt(slot: slot, expert: expert, content: isOwner ? [.weights, .state] : .weights))
            let lost = Int(layer.row[slot])
            guard Int(layer.owners[lost]) == slot else { return part }
            let owner = Int(layer.newOwners[lost])
            if part.contains(where: { $0.slot == owner }) { return part }
            if Int(layer.row[owner]) == lost {
                part.append(Receipt(slot: owner, expert: lost, content: .state))
                return part
            }
            slot = owner
        }
    }

    /// Adds a part to a step if the step has room.
    private mutating func add(_ part: [Receipt], of layer: Layer, _ rowOfStep: [Int32], to index: Int) -> Bool {
        if index == steps.count {
            let none = [Int](repeating: 0, count: deviceCount)
            steps.append(Step(sends: none, receipts: none))
        }
        var step = steps[index]
        for receipt in part {
            let target = deviceOfSlot[receipt.slot]
            let holders: [Int]
            if receipt.content.contains(.state) {
                holders = [deviceOfSlot[Int(layer.owners[receipt.expert])]]
            } else {
                holders = rowOfStep.indices.filter { Int(rowOfStep[$0]) == receipt.expert }.map { deviceOfSlot[$0] }
            }
            guard let source = MigrationPlan.source(among: holders, for: target, step.sends) else { continue }
            step.sends[source] += 1
            step.receipts[target] += 1
            step.copies.append(
                ExpertCopy(
                    layer: layer.index, expert: receipt.expert, source: source, target: target, slot: receipt.slot,
                    content: receipt.content))
        }
        let isWithin = step.sends.allSatisfy { $0 <= limit } && step.receipts.allSatisfy { $0 <= limit }
        guard isWithin || steps[index].copies.isEmpty else { return false }
        steps[index] = step
        return true
    }
}
