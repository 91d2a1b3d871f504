import CProcessDescriptors
import Foundation
import RankHeartbeats
import Testing

@Suite("Processes of ranks") struct ProcessWatchTests {
    /// Starts a shell that this process reaps only at the end of `body`.
    private func withShell(_ script: String, _ body: (pid_t) throws -> Void) throws {
        var process = pid_t()
        let arguments: [String] = ["/bin/sh", "-c", script]
        let words = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        try #require(posix_spawn(&process, "/bin/sh", nil, nil, words, nil) == 0)
        defer {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        try body(process)
    }

    @Test("A process that has ended is found at once, though its parent has not reaped it") func zombie() throws {
        try withShell("sleep 0.2") { process in
            let watch = ProcessWatch()
            watch.add(rank: 3, process: process)
            #expect(watch.wait(milliseconds: 0) == [])
            let start = ContinuousClock.now
            #expect(watch.wait(milliseconds: 30_000) == [3])
            #expect(start.duration(to: .now) < .seconds(20))
            #expect(kill(process, 0) == 0)
        }
    }

    @Test("Without descriptors of processes, /proc shows that a process has ended") func withoutDescriptors() throws {
        try withShell("sleep 0.2") { process in
            #expect(cpd_has_ended(process, -1) == 0)
            while cpd_process_state(process) != CChar(UInt8(ascii: "Z")) { usleep(1000) }
            #expect(cpd_has_ended(process, -1) == 1)
        }
        #expect(cpd_has_ended(0x7FFF_FFF0, -1) == 1)
    }

    @Test("A process that is gone has ended") func gone() {
        let watch = ProcessWatch()
        watch.add(rank: 0, process: 0x7FFF_FFF0)
        #expect(watch.wait(milliseconds: 0) == [0])
    }

    @Test("A stopped process is told from a running one") func stopped() throws {
        try withShell("sleep 60") { process in
            let watch = ProcessWatch()
            watch.add(rank: 1, process: process)
            #expect(!watch.isStopped(rank: 1) && !watch.isStopped(rank: 0))
            kill(process, SIGSTOP)
            for _ in 0..<1000 where !watch.isStopped(rank: 1) { usleep(1000) }
            #expect(watch.isStopped(rank: 1))
            #expect(watch.wait(milliseconds: 0) == [])
        }
    }
}
