/// One key of a ``CostTable``.
public struct CostKey: Hashable, Sendable {
    /// The key's name, with its section if it has one: `links.message`.
    public let name: String
    /// The unit of the numbers, such as `ms`.
    public let unit: String
    /// The cost that the key stands for, in words.
    public let meaning: String
    /// The smallest positive number that the key accepts: below it, a cost would be rounded to nothing.
    public let smallest: Double
    /// The largest number that the key accepts.
    public let largest: Double
    /// Whether the key accepts 0.
    public let acceptsZero: Bool
    /// Whether the key accepts only whole numbers.
    public let isWhole: Bool
    /// Whether the key accepts a list of numbers, from the first part of the model to the last.
    public let isList: Bool

    private init(
        _ name: String, in unit: String, _ meaning: String, smallest: Double = 1e-6, largest: Double = 1e6,
        acceptsZero: Bool = true, isWhole: Bool = false, isList: Bool = false
    ) {
        (self.name, self.unit, self.meaning) = (name, unit, meaning)
        (self.smallest, self.largest, self.acceptsZero) = (smallest, largest, acceptsZero)
        (self.isWhole, self.isList) = (isWhole, isList)
    }

    /// The part of the name before the dot.
    public var section: String? { name.split(separator: ".").dropLast().first.map(String.init) }

    /// The name within its section.
    public var key: String { String(name.split(separator: ".").last ?? "") }

    /// All keys, in the order of a printed file.
    public static let all: [CostKey] = [
        CostKey("forward", in: "ms", "forward pass of a rank's share of the model", smallest: 1e-3, isList: true),
        CostKey("input-gradient", in: "ms", "gradient of the share's input", smallest: 1e-3, isList: true),
        CostKey("weight-gradient", in: "ms", "gradients of the share's weights", smallest: 1e-3, isList: true),
        CostKey("forward-communication", in: "ms", "the part of forward that only communicates", isList: true),
        CostKey("backward-communication", in: "ms", "the part of input-gradient that only communicates", isList: true),
        CostKey(
            "overlap-saving", in: "fraction", "part of its two costs that an overlapped pair saves", smallest: 0,
            largest: 1),
        CostKey("pair", in: "ms", "time of an overlapped pair, instead of overlap-saving"),
        CostKey(
            "overlap-slowdown", in: "factor",
            "a pair takes the longer of its compute and communication, times this factor, instead of overlap-saving",
            largest: 1e3, acceptsZero: false),
        CostKey("transfer", in: "ms", "transfer of a stage's output from rank to rank"),
        CostKey("gradient-reduction", in: "ms", "gradient reduction, after the last action"),
        CostKey("optimizer", in: "ms", "optimizer step, after the last action"),
        CostKey("finish", in: "ms", "any other work after the last action"),
        CostKey("links.message", in: "MB", "data that a stage sends per micro-batch, instead of transfer"),
        CostKey(
            "links.ranks-per-node", in: "ranks", "number of consecutive ranks that share a node", smallest: 1,
            acceptsZero: false, isWhole: true),
        CostKey("links.node-latency", in: "ms", "latency between ranks of a node"),
        CostKey(
            "links.node-bandwidth", in: "GB/s", "bandwidth between ranks of a node", smallest: 1e-3,
            acceptsZero: false),
        CostKey("links.network-latency", in: "ms", "latency between ranks of different nodes"),
        CostKey(
            "links.network-bandwidth", in: "GB/s", "bandwidth between ranks of different nodes", smallest: 1e-3,
            acceptsZero: false),
        CostKey(
            "memory.parameters", in: "GB", "parameters, gradients and optimizer state of a rank's share", isList: true),
        CostKey("memory.activation", in: "GB", "data kept per micro-batch for its backward", isList: true),
        CostKey(
            "memory.weight-gradient", in: "GB", "data kept per micro-batch for a deferred weight gradient",
            isList: true),
    ]

    /// Whether the key accepts a number.
    func accepts(_ number: Double) -> Bool {
        if number == 0 { return acceptsZero }
        return number >= smallest && number <= largest && (!isWhole || number == number.rounded())
    }

    /// Returns the numbers that the key accepts, such as `0 to 1000000.0 ms`, for the error on `number`.
    func range(refusing number: Double) -> String {
        let low = !acceptsZero ? "\(smallest)" : number > 0 && number < smallest ? "0, or \(smallest)" : "0"
        let noun = isWhole ? "a whole number from " : ""
        return "\(noun)\(low) to \(largest)" + (["fraction", "factor"].contains(unit) ? "" : " \(unit)")
    }

    /// Returns the key with the given name; nil if there is none.
    public static func named(_ name: String) -> CostKey? { all.first { $0.name == name } }
}
