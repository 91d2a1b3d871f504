import CLibTorch

/// What concerns libtorch as a whole in this process.
public enum LibTorchRuntime {
    /// The version that this program was built against, such as `2.13.0`.
    public static var version: String { text(ct_built_version()) }
    /// The file of the libtorch that is loaded; empty where the system does not tell.
    public static var libraryPath: String { String(cString: ct_library_path()) }

    /// Why the libtorch that is loaded is not one that this program can run with; nil where it is.
    ///
    /// libtorch promises nothing of its C++ interface between versions: with another one, memory is read wrongly.
    public static var mismatch: String? {
        let loaded = ct_loaded_version()
        guard loaded != ct_built_version() else { return nil }
        let version = loaded == 0 ? "another version" : text(loaded)
        let place = libraryPath.isEmpty ? "" : " from \(libraryPath)"
        return "libtorch \(version) is loaded\(place), but this program was built against \(self.version)"
    }

    private static func text(_ version: UInt32) -> String { "\(version >> 16).\(version >> 8 & 255).\(version & 255)" }

    /// Sets how many threads one operation computes with.
    public static func setThreads(_ count: Int) throws(LibTorchError) { try check(ct_set_threads(Int32(count))) }
    /// Has the system end this process with `parent`, which started it.
    ///
    /// - Returns: false where the parent is gone already.
    package static func endWithParent(_ parent: Int32) -> Bool { ct_follow_parent(parent) == 0 }

    /// Runs `body` with nothing recorded for autograd.
    ///
    /// The switch belongs to the thread, which is why `body` cannot suspend.
    public static func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
        try withGradients(false, body)
    }

    /// Runs `body` with operations recorded for autograd, or not.
    package static func withGradients<Result>(_ enabled: Bool, _ body: () throws -> Result) rethrows -> Result {
        let before = ct_set_gradients_enabled(enabled ? 1 : 0)
        defer { _ = ct_set_gradients_enabled(before) }
        return try body()
    }
}

/// The bytes that the tensors take which the calling thread has made on the CPU.
///
/// On a thread whose current ``Device`` is another, all figures are that device's: what its allocator has given out, to
/// any thread.
public enum TensorMemory {
    /// Begins to count; tensors made before are not seen.
    public static func startCounting() throws(LibTorchError) { try check(ct_memory_count()) }
    /// Bytes that live now.
    public static var live: Int { Int(ct_memory_live()) }
    /// The most bytes that lived at once since ``resetPeak()``.
    public static var peak: Int { Int(ct_memory_peak()) }
    /// Makes the peak what lives now.
    public static func resetPeak() { ct_memory_reset_peak() }
}
