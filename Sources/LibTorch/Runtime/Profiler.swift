import CLibTorch

/// The profiler of libtorch, Kineto. It records the operations of the calling thread and the work of its device.
///
/// A process has one profiler: only one of its threads may profile at a time.
package enum Profiler {
    /// Starts to record.
    package static func start() throws(LibTorchError) { try check(ct_profile_start()) }

    /// Adds a key with a JSON value to the file of the recording.
    package static func describe(_ key: String, json: String) throws(LibTorchError) {
        try check(ct_profile_describe(key, json))
    }

    /// Stops recording and writes Chrome-trace JSON to `path`.
    package static func stop(writing path: String) throws(LibTorchError) { try check(ct_profile_stop(path)) }

    /// Runs `body` as a range `name` of the recording.
    package static func annotating<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        var annotation: OpaquePointer?
        // The range is missing if it cannot be recorded.
        _ = ct_annotation_begin(name, &annotation)
        defer { ct_annotation_end(annotation) }
        return try body()
    }
}
