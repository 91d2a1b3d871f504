package import LibTorch
import PipelineSchedules
import Timelines

/// Runs one rank's row of a schedule, again and again, on its thread.
///
/// Receives are posted ahead of the compute that needs them; sends are started as soon as there is something to send
/// and never waited for before compute.
package final class StepExecutor {
    /// How many receives are posted before they are needed.
    private static let receivesAhead = 4

    private let program: RankProgram
    private let kernels: [Int: any StageKernels]
    /// How the pair of each step is woven; nil where a step has one action.
    private let weaves: [Weave?]
    private let link: PipelineLink
    private let boundary: (shape: [Int], type: ElementType)
    private let recorder: SpanRecorder?
    private var keys: [Action: SpanRecorder.Key] = [:]
    private var receiveKey: SpanRecorder.Key?

    private var posted: [RankProgram.Transfer: (tensor: Tensor, work: PendingWork)] = [:]
    private var nextReceive = 0
    private var localValues: [Action: Tensor] = [:]

    /// - Parameters:
    ///   - kernels: The arithmetic of each stage that the rank holds.
    ///   - group: The ranks of the pipeline; nil where there is one.
    ///   - boundary: The shape and type of what stages hand each other.
    package init(
        program: RankProgram, kernels: [Int: any StageKernels], group: (any ProcessGroup)?,
        boundary: (shape: [Int], type: ElementType), recorder: SpanRecorder? = nil
    ) {
        self.program = program
        self.kernels = kernels
        weaves = program.steps.map { instructions in
            let parts = instructions.map { kernels[$0.action.stage]?.parts(of: $0.action.kind).count ?? 0 }
            return parts.count == 2 ? Weave.alternating(parts[0], parts[1]) : nil
        }
        self.boundary = boundary
        self.recorder = recorder
        link = PipelineLink(group: group)
        guard let recorder else { return }
        for instruction in program.steps.joined() {
            let action = instruction.action
            keys[action] = recorder.key(
                .actions,
                TimelineLabel(
                    name: action.description, activity: .compute, stage: action.stage, microbatch: action.microbatch,
                    kind: Int(action.kind.rawValue)))
        }
        receiveKey = recorder.key(.stageWaits, TimelineLabel(name: "receive", activity: .wait))
    }

    /// Runs the whole row once.
    ///
    /// - Throws: What a kernel or the transport throws; the executor is unusable then.
    package func run() throws {
        nextReceive = 0
        for (position, instructions) in program.steps.enumerated() {
            try postReceives(upTo: position)
            if let weave = weaves[position] {
                try runPair(instructions[0], instructions[1], weave)
            } else if let instruction = instructions.first {
                try runAlone(instruction)
            }
        }
        try link.finish()
        precondition(posted.isEmpty && localValues.isEmpty, "a step leaves no value behind")
    }

    private func postReceives(upTo position: Int) throws {
        let receives = program.receives
        while nextReceive < receives.count,
            receives[nextReceive].position <= position || posted.count < Self.receivesAhead
        {
            let transfer = receives[nextReceive].transfer
            let tensor = try Tensor.empty(boundary.shape, boundary.type)
            posted[transfer] = (tensor, try link.receive(into: tensor, transfer))
            nextReceive += 1
        }
    }

    private func runAlone(_ instruction: RankProgram.Instruction) throws {
        let action = instruction.action
        let input = try awaitInput(of: instruction)
        let start = recorder?.now() ?? 0
        if action.kind == .weightGradient {
            try kernel(action).runWeights(microbatch: action.microbatch)
        } else {
            let run = try begin(action, input)
            while try run.advance() {}
            try deliver(try run.result(), of: instruction)
        }
        record(action, start..<(recorder?.now() ?? 0))
    }

    /// Runs a forward and a backward together, a part of each in turn, so that an exchange of one is under way while the
    /// other computes.
    private func runPair(
        _ forward: RankProgram.Instruction, _ backward: RankProgram.Instruction, _ weave: Weave
    ) throws {
        let inputs = (try awaitInput(of: forward), try awaitInput(of: backward))
        let start = recorder?.now() ?? 0
        let runs = (try begin(forward.action, inputs.0), try begin(backward.action, inputs.1))
        var left = weave.counts
        for turn in weave.turns {
            switch turn {
            case .first:
                left.first -= 1
                _ = try runs.0.advance()
                if left.first == 0 { try deliver(try runs.0.result(), of: forward) }
            case .second:
                left.second -= 1
                _ = try runs.1.advance()
                if left.second == 0 { try deliver(try runs.1.result(), of: backward) }
            }
        }
        // Both under one extent, by which a timeline tells a pair.
        let end = recorder?.now() ?? 0
        record(forward.action, start..<end)
        record(backward.action, start..<end)
    }

    private func kernel(_ action: Action) -> any StageKernels {
        guard let kernel = kernels[action.stage] else {
            preconditionFailure("\(action) is on a rank that does not hold its stage")
        }
        return kernel
    }

    private func begin(_ action: Action, _ input: Tensor?) throws -> any ActionRun {
        action.kind == .forward
            ? try kernel(action).startForward(microbatch: action.microbatch, input: input)
            : try kernel(action).startBackward(
                microbatch: action.microbatch, outputGradient: input, deferringWeights: action.kind == .inputGradient)
    }

    private func awaitInput(of instruction: RankProgram.Instruction) throws -> Tensor? {
        switch instruction.source {
        case .none:
            return nil
        case .local:
            return localValues.removeValue(forKey: localKey(instruction.action))
        case .remote(let transfer):
            guard let (tensor, work) = posted.removeValue(forKey: transfer) else {
                preconditionFailure("the receive of \(instruction.action) was not posted")
            }
            let start = recorder?.now() ?? 0
            try work.wait()
            if let recorder, let receiveKey { recorder.record(receiveKey, from: start) }
            try link.received(transfer)
            return tensor
        }
    }

    private func deliver(_ result: Tensor?, of instruction: RankProgram.Instruction) throws {
        switch instruction.target {
        case .none:
            break
        case .local:
            let action = instruction.action
            let neighbour = action.kind == .forward ? action.stage + 1 : action.stage - 1
            localValues[localKey(Action(action.kind, stage: neighbour, microbatch: action.microbatch))] = result
        case .remote(let transfer):
            guard let result else { preconditionFailure("\(instruction.action) has no result to send") }
            try link.send(result, transfer)
        }
    }

    /// B and I take the same value, so that one key stands for both.
    private func localKey(_ action: Action) -> Action {
        action.kind == .inputGradient ? action.with(.backward) : action
    }

    private func record(_ action: Action, _ interval: Range<Int64>) {
        if let recorder, let key = keys[action] { recorder.record(key, interval) }
    }
}
