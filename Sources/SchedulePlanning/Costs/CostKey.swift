/// One key of a ``CostTable``.
public struct CostKey: Hashable, Sendable {
    /// The key's name, with its section if it has one: `links.message`.
    public let name: String
    /// The unit of its numbers, such as `ms`.
    public let unit: String
    /// The cost that the key stands for, in words.
    public let meaning: String
    /// The largest number that it takes.
    public var largest = 1e6
    /// Whether a list along the model is understood.
    public var isList = false

    /// The part of the name before the dot.
    public var section: String? { name.split(separator: ".").dropLast().first.map(String.init) }

    /// The name within its section.
    public var key: String { String(name.split(separator: ".").last ?? "") }

    /// Every key, in the order in which a file shows them.
    public static let all: [CostKey] = [
        CostKey(name: "forward", unit: "ms", meaning: "forward pass of a rank's share of the model", isList: true),
        CostKey(name: "input-gradient", unit: "ms", meaning: "gradient of the share's input", isList: true),
        CostKey(name: "weight-gradient", unit: "ms", meaning: "gradients of the share's weights", isList: true),
        CostKey(
            name: "forward-communication", unit: "ms", meaning: "the part of forward that only communicates",
            isList: true),
        CostKey(
            name: "backward-communication", unit: "ms", meaning: "the part of input-gradient that only communicates",
            isList: true),
        CostKey(
            name: "overlap-saving", unit: "part", meaning: "what an overlapped pair saves of its two costs", largest: 1),
        CostKey(name: "pair", unit: "ms", meaning: "what a pair takes, instead of overlap-saving"),
        CostKey(
            name: "overlap-slowdown", unit: "factor",
            meaning: "a pair takes its longer of compute and communication times this, instead of overlap-saving",
            largest: 1e3),
        CostKey(name: "transfer", unit: "ms", meaning: "from rank to rank"),
        CostKey(name: "gradient-reduction", unit: "ms", meaning: "gradient reduction, after the last action"),
        CostKey(name: "optimizer", unit: "ms", meaning: "optimizer step, after the last action"),
        CostKey(name: "finish", unit: "ms", meaning: "whatever else follows the last action"),
        CostKey(
            name: "links.message", unit: "MB", meaning: "what a stage passes on for a micro-batch, instead of transfer"),
        CostKey(name: "links.ranks-per-node", unit: "ranks", meaning: "consecutive ranks that share a node"),
        CostKey(name: "links.node-latency", unit: "ms", meaning: "latency between ranks of a node"),
        CostKey(name: "links.node-bandwidth", unit: "GB/s", meaning: "bandwidth between ranks of a node"),
        CostKey(name: "links.network-latency", unit: "ms", meaning: "latency between ranks of different nodes"),
        CostKey(name: "links.network-bandwidth", unit: "GB/s", meaning: "bandwidth between ranks of different nodes"),
        CostKey(
            name: "memory.parameters", unit: "GB",
            meaning: "parameters, gradients and optimizer state of a rank's share", isList: true),
        CostKey(
            name: "memory.activation", unit: "GB", meaning: "what a micro-batch keeps for its backward", isList: true),
        CostKey(
            name: "memory.weight-gradient", unit: "GB", meaning: "the part kept for a weight gradient that is put off",
            isList: true),
    ]

    /// The key of a name.
    public static func named(_ name: String) -> CostKey? { all.first { $0.name == name } }
}
