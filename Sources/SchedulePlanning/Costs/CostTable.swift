/// A table of costs by the names and in the units of ``CostKey``.
public struct CostTable: Sendable {
    /// The numbers that were set, by the keys' names.
    private(set) var values: [String: [Double]] = [:]
    private let preset: PipelineCosts
    /// The longest transfer over a link without its latency, in milliseconds.
    private static let longestTransfer = 1e6

    /// A table with the costs of a preset, until others are set.
    public init(_ preset: CostPreset = .unit) { self.preset = preset.costs }

    /// Sets a cost to one number, or to a list from the first part of the model to the last.
    ///
    /// The cost replaces those that say the same in another way: `pair` replaces `overlap-saving`, and `transfer`
    /// replaces the links.
    ///
    /// - Throws: ``CostTableError`` if there is no such key, or if the key does not accept the numbers.
    public mutating func set(_ name: String, _ numbers: [Double]) throws(CostTableError) {
        guard let key = CostKey.named(name) else { throw CostTableError.unknownKey(name) }
        guard !numbers.isEmpty else {
            throw CostTableError.impossible("\(name) is an empty list: give at least one number")
        }
        guard numbers.count == 1 || key.isList else {
            throw CostTableError.impossible("\(name) is a list of \(numbers.count): give one number")
        }
        for number in numbers where !key.accepts(number) {
            throw CostTableError.impossible("\(name) is \(number): give \(key.range(refusing: number))")
        }
        for group in Self.alternatives where group.contains(where: { $0 == name }) {
            for other in group where other != name { values[other] = nil }
        }
        // Links replace the transfer once the size of a message is given.
        if name == "transfer" { values = values.filter { !$0.key.hasPrefix("links.") } }
        values[name] = numbers
    }

    /// Costs that say the same in different ways. The one that is set last counts.
    private static let alternatives = [["pair", "overlap-saving", "overlap-slowdown"], ["links.message", "transfer"]]

    /// Checks that the costs of one source do not contain two that exclude each other.
    ///
    /// - Throws: ``CostTableError`` that names both.
    public static func checkAlternatives(among names: [String]) throws(CostTableError) {
        for group in alternatives {
            let given = group.filter(names.contains)
            if given.count > 1 {
                throw CostTableError.impossible("\(given[0]) and \(given[1]) exclude each other: give one of them")
            }
        }
    }

    /// Returns the costs, in nanoseconds and bytes.
    ///
    /// - Throws: ``CostTableError`` if the costs contradict each other.
    public func costs() throws(CostTableError) -> PipelineCosts {
        let stages = try stageCosts()
        let links = try links()
        let slowdown = values["overlap-slowdown"]?.first
        return PipelineCosts(
            stages: stages, overlapSaving: slowdown == nil ? try saving(stages[0]) : 0, overlapSlowdown: slowdown,
            transfer: links == nil ? nanoseconds("transfer")?.first ?? preset.transfer : 0, links: links,
            finish: finish, memory: try memory())
    }

    private func nanoseconds(_ key: String) -> [Int64]? { values[key]?.map { Int64(($0 * 1e6).rounded()) } }

    private var finish: Int64 {
        let parts = ["gradient-reduction", "optimizer", "finish"].compactMap { nanoseconds($0)?.first }
        return parts.isEmpty ? preset.finish : parts.reduce(0, +)
    }

    /// Returns the lists of the given keys, extended to equal length; nil for a key that is not set.
    private func lists(_ keys: [String], scale: Double) throws(CostTableError) -> [[Int64]?] {
        let lists = keys.map { values[$0]?.map { Int64(($0 * scale).rounded()) } }
        let count = lists.compactMap { $0?.count }.max() ?? 1
        let longest = keys[lists.firstIndex { $0?.count == count } ?? 0]
        for case (let key, let list?) in zip(keys, lists) where list.count != 1 && list.count != count {
            throw CostTableError.impossible(
                "\(key) has \(list.count) numbers and \(longest) has \(count): give lists of equal length")
        }
        return lists.map { list in list.map { $0.count == 1 ? Array(repeating: $0[0], count: count) : $0 } }
    }

    private func stageCosts() throws(CostTableError) -> [StageCosts] {
        let lists = try lists(
            ["forward", "input-gradient", "weight-gradient", "forward-communication", "backward-communication"],
            scale: 1e6)
        let base = preset.stages[0]
        let count = lists.compactMap { $0?.count }.max() ?? 1
        return try (0..<count).map { index throws(CostTableError) in
            let forward = lists[0]?[index] ?? base.forward
            let input = lists[1]?[index] ?? base.inputGradient
            for (list, key, pass, whole) in [
                (lists[3], "forward-communication", "forward", forward),
                (lists[4], "backward-communication", "input-gradient", input),
            ] {
                guard let list, list[index] > whole else { continue }
                throw CostTableError.impossible(
                    "\(key) is longer than \(pass), which contains it: give at most \(Double(whole) / 1e6) ms")
            }
            let weight = lists[2]?[index] ?? base.weightGradient
            if forward + input + weight == 0 {
                throw CostTableError.impossible(
                    "forward, input-gradient and weight-gradient are all 0\(count > 1 ? " at index \(index)" : ""): give one "
                        + "of them a positive time")
            }
            return StageCosts(
                forward: forward, inputGradient: input, weightGradient: weight,
                forwardCommunication: lists[3]?[index] ?? min(base.forwardCommunication, forward),
                backwardCommunication: lists[4]?[index] ?? min(base.backwardCommunication, input))
        }
    }

    private func saving(_ stage: StageCosts) throws(CostTableError) -> Double {
        guard let pair = nanoseconds("pair")?.first else {
            return values["overlap-saving"]?.first ?? preset.overlapSaving
        }
        let sum = stage.forward + stage.backward
        guard pair <= sum else {
            throw CostTableError.impossible(
                "pair is longer than a forward followed by a backward: give at most \(Double(sum) / 1e6) ms")
        }
        return 1 - Double(pair) / Double(sum)
    }

    private func links() throws(CostTableError) -> LinkCosts? {
        guard values.keys.contains(where: { $0.hasPrefix("links.") }) else { return preset.links }
        func number(_ key: String, _ usual: Double) -> Double { values["links." + key]?.first ?? usual }
        guard let message = values["links.message"]?.first else {
            throw CostTableError.impossible(
                "links.message is missing: give the MB that a stage sends per micro-batch")
        }
        let (node, network) = (number("node-bandwidth", 150), number("network-bandwidth", 25))
        func link(_ latency: Double, _ bandwidth: Double) -> LinkCosts.Link {
            LinkCosts.Link(latency: Int64((latency * 1e6).rounded()), bytesPerSecond: bandwidth * 1e9)
        }
        // Nanoseconds must fit into 64 bits. MB divided by GB/s is ms.
        let longest = (message / min(node, network)).rounded()
        guard longest <= Self.longestTransfer else {
            throw CostTableError.impossible(
                "a transfer of links.message, \(message) MB at \(min(node, network)) GB/s, takes \(longest) ms, more than "
                    + "\(Self.longestTransfer) ms: give a smaller message or more bandwidth")
        }
        return LinkCosts(
            withinNode: link(number("node-latency", 0.005), node),
            betweenNodes: link(number("network-latency", 0.02), network),
            ranksPerNode: Int(number("ranks-per-node", 8)),
            bytes: Int64((message * 1e6).rounded()))
    }

    private func memory() throws(CostTableError) -> [StageMemory] {
        guard values.keys.contains(where: { $0.hasPrefix("memory.") }) else { return preset.memory }
        let lists = try lists(["memory.parameters", "memory.activation", "memory.weight-gradient"], scale: 1e9)
        return (0..<(lists.compactMap { $0?.count }.max() ?? 1)).map { index in
            StageMemory(
                parameters: lists[0]?[index] ?? 0, activation: lists[1]?[index] ?? 0,
                weightGradient: lists[2]?[index] ?? 0)
        }
    }
}
