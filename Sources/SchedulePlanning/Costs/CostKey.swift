/// One key of a ``CostTable``.
public struct CostKey: Hashable, Sendable {
    /// The key's name, with its section if it has one: `links.message`.
    public let name: String
    /// The unit of its numbers, such as `ms`.
    public let unit: String
    /// The cost that the key stands for, in words.
    public let meaning: String
    /// The largest number that it takes.
    public var largest: Double
    /// Whether a list along the model is understood.
    public var isList: Bool

    private init(_ name: String, in unit: String, _ meaning: String, largest: Double = 1e6, isList: Bool = false) {
        (self.name, self.unit, self.meaning, self.largest, self.isList) = (name, unit, meaning, largest, isList)
    }

    /// The part of the name before the dot.
    public var section: String? { name.split(separator: ".").dropLast().first.map(String.init) }

    /// The name within its section.
    public var key: String { String(name.split(separator: ".").last ?? "") }

    /// Every key, in the order in which a file shows them.
    public static let all: [CostKey] = [
        CostKey("forward", in: "ms", "forward pass of a rank's share of the model", isList: true),
        CostKey("input-gradient", in: "ms", "gradient of the share's input", isList: true),
        CostKey("weight-gradient", in: "ms", "gradients of the share's weights", isList: true),
        CostKey("forward-communication", in: "ms", "the part of forward that only communicates", isList: true),
        CostKey("backward-communication", in: "ms", "the part of input-gradient that only communicates", isList: true),
        CostKey("overlap-saving", in: "part", "what an overlapped pair saves of its two costs", largest: 1),
        CostKey("pair", in: "ms", "what a pair takes, instead of overlap-saving"),
        CostKey(
            "overlap-slowdown", in: "factor",
            "a pair takes its longer of compute and communication times this, instead of overlap-saving", largest: 1e3),
        CostKey("transfer", in: "ms", "from rank to rank"),
        CostKey("gradient-reduction", in: "ms", "gradient reduction, after the last action"),
        CostKey("optimizer", in: "ms", "optimizer step, after the last action"),
        CostKey("finish", in: "ms", "whatever else follows the last action"),
        CostKey("links.message", in: "MB", "what a stage passes on for a micro-batch, instead of transfer"),
        CostKey("links.ranks-per-node", in: "ranks", "consecutive ranks that share a node"),
        CostKey("links.node-latency", in: "ms", "latency between ranks of a node"),
        CostKey("links.node-bandwidth", in: "GB/s", "bandwidth between ranks of a node"),
        CostKey("links.network-latency", in: "ms", "latency between ranks of different nodes"),
        CostKey("links.network-bandwidth", in: "GB/s", "bandwidth between ranks of different nodes"),
        CostKey(
            "memory.parameters", in: "GB", "parameters, gradients and optimizer state of a rank's share", isList: true),
        CostKey("memory.activation", in: "GB", "what a micro-batch keeps for its backward", isList: true),
        CostKey(
            "memory.weight-gradient", in: "GB", "the part kept for a weight gradient that is put off", isList: true),
    ]

    /// The key of a name.
    public static func named(_ name: String) -> CostKey? { all.first { $0.name == name } }
}
