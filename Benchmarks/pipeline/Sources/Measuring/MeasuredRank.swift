import DistributedRuntime
import ArgumentParser
import Foundation
import LibTorch
import PipelineTraining

/// A rank that reads requests for steps from standard input, one line of JSON each, and answers each with one line of
/// JSON.
struct MeasuredRank: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rank")

    func run() throws {
        // The kernel's default slack of 50 µs would lengthen every sleep.
        try Data("1000".utf8).write(to: URL(filePath: "/proc/self/timerslack_ns"))
        try LibTorchRuntime.setThreads(1)
        let place = try RankContext(environment: ProcessInfo.processInfo.environment)
        let group = place.worldSize > 1 ? TimedGroup(try place.rendezvous()(Array(0..<place.worldSize))) : nil
        var workloads: [StepRequest.Subject: any Workload] = [:]
        while let line = readLine() {
            let request = try JSONDecoder().decode(StepRequest.self, from: Data(line.utf8))
            var answer = StepAnswer()
            let workload: any Workload
            if let known = workloads[request.subject] {
                workload = known
            } else {
                workload = try request.subject.workload(rank: place.rank, group: group)
                workloads[request.subject] = workload
                var warmUp = StepAnswer()
                try measure(workload, group: group, &warmUp)
            }
            for _ in 0..<request.steps { try measure(workload, group: group, &answer) }
            FileHandle.standardOutput.write(try JSONEncoder().encode(answer) + Data("\n".utf8))
        }
    }

    private func measure(_ workload: any Workload, group: TimedGroup?, _ answer: inout StepAnswer) throws {
        try workload.prepare()
        try agreeOnStart(group?.group)
        group?.seconds = 0
        let cpu = Clock.processorSeconds()
        let start = Clock.now()
        try workload.run()
        answer.starts.append(start)
        answer.ends.append(Clock.now())
        answer.cpu.append(Clock.processorSeconds() - cpu)
        answer.transferCalls.append(group?.seconds ?? 0)
        try workload.conclude(&answer)
    }

    /// Lets all ranks begin at the same moment, which rank 0 chooses. Ranks leave a barrier one after the other.
    private func agreeOnStart(_ group: ProcessGroup?) throws {
        guard let group else { return }
        let moment = try Tensor([Int(Clock.now() + 20_000_000)], shape: [1])
        try group.broadcast(moment, from: 0).wait()
        Clock.sleep(until: Int64(try moment.integers()[0]))
    }
}
