/// A table of an Nsight report with work of devices. Reports of some versions and exporters lack columns.
struct NsightTable {
    let name: String
    let category: EventCategory
    /// Whether rows name their process.
    let hasProcess: Bool
    /// The column of the device, or 0.
    let device: String
    private let columns: Set<String>

    /// A table with the given columns; nil if it lacks the times.
    init?(_ name: String, _ category: EventCategory, _ columns: Set<String>) {
        guard columns.isSuperset(of: ["start", "end"]) else { return nil }
        self.name = name
        self.category = category
        self.columns = columns
        hasProcess = columns.contains("globalPid")
        device = columns.contains("deviceId") ? "deviceId" : "0"
    }

    /// The query of the rows that meet a condition, with the columns start, duration, stream, correlation and name.
    func query(_ condition: String) -> String {
        let stream = columns.contains("streamId") ? "streamId" : "0"
        let correlation = columns.contains("correlationId") ? "correlationId" : "NULL"
        let (label, join) = label
        return "SELECT start, end - start, \(stream), \(correlation), \(label) FROM \(name)\(join) WHERE \(condition) "
            + "ORDER BY start"
    }

    /// The expression of the name, and the join that it needs. The names of copies are those of PyTorch's traces; kind 10
    /// is a copy between devices.
    private var label: (expression: String, join: String) {
        switch category {
        case .kernel:
            guard let column = ["demangledName", "shortName", "mangledName"].first(where: columns.contains) else {
                return ("'kernel'", "")
            }
            return ("value", " LEFT JOIN StringIds ON id = \(column)")
        case .graph: return (columns.contains("graphId") ? "'CUDA graph ' || graphId" : "'CUDA graph'", "")
        case .copy where columns.contains("copyKind"):
            return (
                "CASE copyKind WHEN 1 THEN 'Memcpy HtoD' WHEN 2 THEN 'Memcpy DtoH' WHEN 8 THEN 'Memcpy DtoD' "
                    + "WHEN 10 THEN 'Memcpy PtoP' ELSE 'Memcpy' END", ""
            )
        case .copy: return ("'Memcpy'", "")
        default: return ("'Memset'", "")
        }
    }
}
