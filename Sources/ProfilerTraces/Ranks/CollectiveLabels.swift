import Timelines

/// The labels by which collectives without sequence numbers are matched, numbered alike for all ranks.
struct CollectiveLabels {
    /// The labels, in the order of their numbers.
    let texts: [String]
    private let numbers: [String: Int64]
    /// The operations and groups of which a collective of any rank has no sequence number.
    private let unnumbered: Set<String>

    init(_ traces: [RankTrace]) {
        let unnumbered = Set(
            traces.flatMap { trace in trace.collectives.filter { $0.sequenceNumber == nil }.map(\.matchingName) })
        var labels: Set<String> = []
        for trace in traces {
            labels.formUnion(trace.timeline.events.map { shortKernelName($0.name) })
            if unnumbered.isEmpty { continue }
            for collective in trace.collectives where unnumbered.contains(collective.matchingName) {
                labels.insert(collective.label)
            }
        }
        texts = labels.sorted()
        numbers = Dictionary(uniqueKeysWithValues: zip(texts, Int64(0)...))
        self.unnumbered = unnumbered
    }

    /// Returns the key and the label of a kernel that names no collective.
    func kernel(_ name: String) -> (key: CollectiveSequences.Key, label: Int64) {
        let name = shortKernelName(name)
        return (CollectiveSequences.Key(name: name), numbers[name] ?? -1)
    }

    /// Returns the key and the label of a collective.
    func collective(_ collective: Collective) -> (key: CollectiveSequences.Key, label: Int64) {
        let name = collective.matchingName
        if let number = collective.sequenceNumber, !unnumbered.contains(name) {
            return (
                CollectiveSequences.Key(name: name, groupRanks: collective.groupRanks, isNumbered: true), number
            )
        }
        return (
            CollectiveSequences.Key(name: name, groupRanks: collective.groupRanks), numbers[collective.label] ?? -1
        )
    }
}

extension Collective {
    /// The operation and the group, which are the same on all ranks of the group.
    fileprivate var matchingName: String { "\(operation) in group \(group) \(groupRanks)" }

    /// The operation, the group and, for operations to which all ranks give the same shape, the shape.
    fileprivate var label: String {
        let hasOneShape = [
            "allreduce", "broadcast", "reduce", "allgatherbase", "allgatherintotensor", "reducescatterbase",
            "reducescattertensor",
        ].contains(operation.lowercased().filter(\.isLetter))
        guard hasOneShape, let inputElements, let outputElements else { return matchingName }
        return "\(matchingName), \(inputElements) to \(outputElements) \(elementType)"
    }
}
