import CLibTorch

/// Process-wide properties and settings of libtorch.
public enum LibTorchRuntime {
    /// The version of libtorch that this program was built against, such as `2.13.0`.
    public static var version: String { text(ct_built_version()) }
    /// The path of the loaded libtorch; empty if it is unknown.
    public static var libraryPath: String { String(cString: ct_library_path()) }

    /// The reason why this program cannot run with the loaded libtorch; nil if it can.
    ///
    /// libtorch's C++ ABI is not stable between versions: with another version, objects would be read incorrectly.
    public static var mismatch: String? {
        let loaded = ct_loaded_version()
        guard loaded != ct_built_version() else { return nil }
        let version = loaded == 0 ? "another version" : text(loaded)
        let place = libraryPath.isEmpty ? "" : " from \(libraryPath)"
        return "libtorch \(version) is loaded\(place), but this program was built against \(self.version)"
    }

    private static func text(_ version: UInt32) -> String { "\(version >> 16).\(version >> 8 & 255).\(version & 255)" }

    /// Sets the number of threads that compute one operation.
    public static func setThreads(_ count: Int) throws(LibTorchError) { try check(ct_set_threads(Int32(count))) }

    /// Requests that the system kill this process when its parent process exits.
    ///
    /// - Returns: false if `parent` is no longer the parent.
    package static func endWithParent(_ parent: Int32) -> Bool { ct_follow_parent(parent) == 0 }

    /// Runs `body` without recording operations for autograd, as `torch.no_grad()` does.
    ///
    /// The setting belongs to the thread, so `body` cannot be asynchronous.
    public static func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
        try withGradients(false, body)
    }

    /// Runs `body` with autograd enabled or disabled on the calling thread.
    package static func withGradients<Result>(_ enabled: Bool, _ body: () throws -> Result) rethrows -> Result {
        let before = ct_set_gradients_enabled(enabled ? 1 : 0)
        defer { _ = ct_set_gradients_enabled(before) }
        return try body()
    }
}

/// The bytes of the CPU tensors that the calling thread has allocated.
///
/// If the thread's current ``Device`` is a CUDA device, all figures are the bytes that all threads have allocated on
/// that device.
public enum TensorMemory {
    /// Starts to count. Tensors created before are not counted.
    public static func startCounting() throws(LibTorchError) { try check(ct_memory_count()) }
    /// The bytes of the live tensors.
    public static var live: Int { Int(ct_memory_live()) }
    /// The largest value of ``live`` since ``resetPeak()``.
    public static var peak: Int { Int(ct_memory_peak()) }
    /// Sets the peak to ``live``.
    public static func resetPeak() { ct_memory_reset_peak() }
}
