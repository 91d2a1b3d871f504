import Foundation

/// The report of an input that ends the process: by a trap, by a signal, or because it takes too long.
///
/// A signal handler may call only a few functions of the system, so that the report is prepared before each input.
enum Failure {
    private static let seconds: UInt32 = 10
    private static let memory: rlim_t = 1 << 30

    nonisolated(unsafe) private static var report = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 10)
    nonisolated(unsafe) private static var reportCount = 0
    nonisolated(unsafe) private static var input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 22)
    nonisolated(unsafe) private static var inputCount = 0
    nonisolated(unsafe) private static let path: UnsafeMutablePointer<CChar> =
        strdup(FileManager.default.temporaryDirectory.appending(path: "fuzz-failure-\(getpid())").path)

    /// A folder in memory if the system has one.
    static var memoryFolder: URL {
        let shared = URL(filePath: "/dev/shm")
        return access(shared.path, W_OK) == 0 ? shared : FileManager.default.temporaryDirectory
    }

    /// The files and folders to delete when the process ends.
    nonisolated(unsafe) private static var leftovers: [String] = []

    /// Deletes a file or a folder when the process ends. After a crash, the file or folder stays.
    static func removeAtEnd(_ path: String) {
        if leftovers.isEmpty {
            atexit { for path in Failure.leftovers { try? FileManager.default.removeItem(atPath: path) } }
        }
        leftovers.append(path)
    }

    /// Limits the memory, and installs the handlers.
    static func prepare() {
        var limit = rlimit(rlim_cur: memory, rlim_max: memory)
        setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
        // An exhausted stack has no room for a handler.
        var stack = stack_t()
        stack.ss_sp = .allocate(byteCount: 1 << 16, alignment: 16)
        stack.ss_size = 1 << 16
        sigaltstack(&stack, nil)
        // Swift's own handler prints a backtrace.
        let hasBacktrace = ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] != nil
        for number in hasBacktrace ? [SIGALRM] : [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGALRM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { Failure.end($0) }
            action.sa_flags = SA_ONSTACK
            sigaction(number, &action, nil)
        }
    }

    /// Prepares the report on an input, and starts its time.
    static func begin(_ bytes: [UInt8], reader: String, run: Int, seed: UInt64) {
        inputCount = min(bytes.count, input.count)
        bytes.withUnsafeBufferPointer { _ = input.update(fromContentsOf: $0[..<inputCount]) }
        let text =
            "reader \(reader), --seed \(seed) --first \(run) --runs 1; the input is in \(String(cString: path))\n"
        reportCount = report.update(fromContentsOf: Array(text.utf8.prefix(report.count)))
        alarm(seconds)
    }

    private static func end(_ number: Int32) {
        let cause: StaticString = number == SIGALRM ? "took more than 10 s: " : "crashed: "
        write(2, cause.utf8Start, cause.utf8CodeUnitCount)
        write(2, report.baseAddress, reportCount)
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        write(file, input.baseAddress, inputCount)
        _exit(number == SIGALRM ? 3 : 2)
    }
}
