import ArgumentParser
import ExpertBalancing

/// How many copies a change of placement may make, and when a load counts as changed.
struct CopyOptions: ParsableArguments {
    @Option(
        help: """
            Copies that may be made, over all layers: from --current, else as many as the best placement needs; in a replay \
            by each plan.
            """)
    var maxCopies: Int?

    @Option(
        help: ArgumentHelp("Bytes that may be copied instead, such as 20GB; needs --expert-bytes.", valueName: "size"))
    var maxBytes: String?

    @Option(
        help: "Standard deviations of a count that a load must differ by before anything moves; 0 takes all for real.")
    var significance = NoiseRule().significance

    @Option(
        help: ArgumentHelp(
            "Bytes of one expert's weights, such as 44MB, to tell the bytes that are copied.", valueName: "size"))
    var expertBytes: String?

    func validate() throws {
        if let maxCopies, maxCopies < 0 { throw ValidationError("--max-copies is \(maxCopies): give at least 0") }
        if maxBytes != nil, expertBytes == nil {
            throw ValidationError("--max-bytes needs --expert-bytes, the size of one expert")
        }
        _ = try budget()
        if !(significance >= 0 && significance <= 1e6) {
            throw ValidationError("--significance is \(significance): give 0 to 1000000")
        }
    }

    /// When a layer counts as changed.
    var noise: NoiseRule? { significance > 0 ? NoiseRule(significance: significance) : nil }

    /// The bytes of one expert.
    func bytesOfExpert() throws -> Int? { try expertBytes.map { try ByteCount.parse($0, "--expert-bytes") } }

    /// Copies that may be made: what --max-copies says or --max-bytes pays for.
    func budget() throws -> Int? {
        let each = try bytesOfExpert() ?? 0
        guard let maxBytes else { return maxCopies }
        let bytes = try ByteCount.parse(maxBytes, "--max-bytes")
        return min(maxCopies ?? .max, each > 0 ? bytes / each : .max)
    }
}
