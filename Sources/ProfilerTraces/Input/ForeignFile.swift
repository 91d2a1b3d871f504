/// The description of files that are not traces.
enum ForeignFile {
    /// The first bytes of formats that users are known to give, with what each is and what to do with it.
    private static let formats: [(start: [UInt8], text: String)] = [
        (Array("PK\u{3}\u{4}".utf8), "a ZIP archive, as torch.save writes"),
        ([0x80, 2], "a Python pickle, as a memory snapshot or torch.save"),
        ([0x80, 3], "a Python pickle, as a memory snapshot or torch.save"),
        ([0x80, 4], "a Python pickle, as a memory snapshot or torch.save"),
        ([0x80, 5], "a Python pickle, as a memory snapshot or torch.save"),
        ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "a NumPy array, such as expert loads, which contraflow balance reads"),
        (Array("PAR1".utf8), "a Parquet file"), (Array("<".utf8), "HTML or XML"),
        ([0x1F, 0x8B], "gzip in gzip"),
        ([0x7F, 0x45, 0x4C, 0x46], "a program"),
        ([0x0A], "a Perfetto protobuf: give the JSON of the profiler"),
    ]

    /// Returns what a file looks like by its path and first bytes, to follow "is not a trace: it looks like".
    static func description(path: String, firstBytes bytes: UnsafeBufferPointer<UInt8>) -> String {
        if [".nsys-rep", ".qdrep"].contains(where: path.hasSuffix) {
            return "a report of Nsight Systems: export it with nsys export --type sqlite"
        }
        if let format = formats.first(where: { bytes.starts(with: $0.start) }) { return format.text }
        let isText = bytes.allSatisfy { $0 >= 0x20 || 9...13 ~= $0 }
        guard isText, !bytes.isEmpty else { return "binary data" }
        let line = bytes.prefix { $0 != 10 && $0 != 13 }
        return line.contains(UInt8(ascii: ","))
            ? "a CSV table, such as expert loads, which contraflow balance reads, or a schedule, which contraflow plan "
                + "reads" : "plain text"
    }

    /// Returns what a JSON document without events looks like by the keys of its object; nil if it is empty.
    static func description(keys: [String]) -> String? {
        let known = Set(keys)
        if known.contains("schema"), known.contains("nodes") {
            return "an execution trace (Chakra), which has no times of a device: give the trace of torch.profiler"
        }
        if known.contains("step"), known.contains("loss") || known.contains("seconds") {
            return "a line of a run's metrics.jsonl: give the run's folder"
        }
        if !known.isDisjoint(with: ["physical_to_logical_map", "logical_count", "expert_load", "loads", "placement"]) {
            return "expert loads or a placement, which contraflow balance reads"
        }
        return keys.isEmpty ? nil : "JSON with the keys \(keys.prefix(5).joined(separator: ", "))"
    }
}
