import DistributedRuntime
package import LibTorch
import PipelineSchedules
package import RankHeartbeats
package import SchedulePlanning
import Timelines

/// Runs one rank's row of a schedule, once per training step, on the rank's thread.
///
/// Receives are posted ahead of the compute that needs them. A send starts as soon as its value exists, and compute
/// never waits for it. Actions that run together are interleaved according to `overlapPlans`.
package final class StepExecutor {
    /// The number of receives that are posted before they are needed.
    private static let receivesAhead = 4

    private let program: RankProgram
    private let steps: [OverlappedStep]
    /// The distinct patterns of the row's steps, in the order of their first step.
    package let patterns: [OverlappedStep.Pattern]
    private let patternOfStep: [Int]
    /// The overlap plan of each pattern. Plans may change only between two runs, and must change on all ranks of an
    /// expert-parallel group at once.
    package var overlapPlans: [OverlapPlan]
    private let kernels: [Int: any PipelineStage]
    private let link: PipelineLink
    private let streams: RankStreams
    private let boundary: (shape: [Int], type: ElementType)
    private let recorder: SpanRecorder?
    private let page: BeatPage?
    private var keys: [Action: SpanRecorder.Key] = [:]
    private var receiveKey: SpanRecorder.Key?

    private var posted: [RankProgram.Transfer: (tensor: Tensor, work: PendingWork)] = [:]
    private var nextReceive = 0
    private var localValues: [Action: Tensor] = [:]

    /// - Parameters:
    ///   - kernels: The stages that the rank holds, by their numbers.
    ///   - group: The transport between the ranks of the pipeline; nil for a pipeline of one rank.
    ///   - streams: The rank's streams.
    ///   - boundary: The shape and element type of the tensors that one stage hands to the next.
    ///   - page: The page of the rank's heartbeat, which shows the action that runs.
    package init(
        program: RankProgram, kernels: [Int: any PipelineStage], group: (any PipelineTransport)?,
        streams: RankStreams, boundary: (shape: [Int], type: ElementType), recorder: SpanRecorder? = nil,
        page: BeatPage? = nil
    ) throws {
        self.program = program
        self.kernels = kernels
        steps = try OverlappedStep.steps(of: program, kernels: kernels)
        var indices: [OverlappedStep.Pattern: Int] = [:]
        var patterns: [OverlappedStep.Pattern] = []
        patternOfStep = steps.map { step in
            if let index = indices[step.pattern] { return index }
            indices[step.pattern] = patterns.count
            patterns.append(step.pattern)
            return patterns.count - 1
        }
        self.patterns = patterns
        overlapPlans = patterns.map(\.problem.unmeasuredPlan)
        self.streams = streams
        self.boundary = boundary
        self.recorder = recorder
        self.page = page
        link = PipelineLink(group)
        guard let recorder else { return }
        for action in steps.lazy.flatMap(\.actions) { keys[action] = recorder.key(.actions, .action(action)) }
        receiveKey = recorder.key(.stageWaits, .wait(.stage))
    }

    /// Runs the whole row once.
    ///
    /// - Parameter afterStep: Called after each step with the position of the step's last action in the row.
    /// - Throws: An error of a stage or of the transport. The executor is unusable after an error.
    package func run(afterStep: (_ position: Int) throws -> Void = { _ in }) throws {
        nextReceive = 0
        for (index, step) in steps.enumerated() {
            try postReceives(upTo: step.position)
            try run(step, overlapPlans[patternOfStep[index]])
            try afterStep(step.position)
        }
        page?.endActions()
        try link.finish()
        precondition(posted.isEmpty && localValues.isEmpty, "the row has run, but some received values were never used")
    }

    /// The names of the exchanges of each step in the order in which they start, with the position of the step's last
    /// action in the row.
    package var exchanges: [(position: Int, names: [String])] {
        zip(steps, patternOfStep).map { step, pattern in
            var segments = (step.pattern.problem.forward.segments[...], step.pattern.problem.backward.segments[...])
            let names = overlapPlans[pattern].order.compactMap { pass -> String? in
                let (part, action) =
                    switch pass {
                    case .forward: (segments.0.popFirst(), step.forward?.action)
                    case .backward: (segments.1.popFirst(), step.backward?.action)
                    case .weights: (nil, nil)
                    }
                guard let part, let action, part.resource == .channel else { return nil }
                return "\(part.name) of \(action)"
            }
            return (step.position, names)
        }
    }

    // MARK: Running

    private func postReceives(upTo position: Int) throws {
        let receives = program.receives
        while nextReceive < receives.count,
            receives[nextReceive].position <= position || posted.count < Self.receivesAhead
        {
            let transfer = receives[nextReceive].transfer
            posted[transfer] = try streams.receives.perform {
                let tensor = try Tensor.empty(boundary.shape, boundary.type)
                return (tensor, try link.receive(into: tensor, transfer))
            }
            nextReceive += 1
        }
    }

    /// An action and its progress.
    private struct Progress {
        let instruction: RankProgram.Instruction
        /// The number of segments that have not run.
        var left: Int
        /// Whether the result is ready as soon as the last segment has run. If not, the result needs an exchange that
        /// may still be pending then.
        let endsWithSegments: Bool
        var run: ActionRun?

        init?(_ instruction: RankProgram.Instruction?, _ sequence: SegmentSequence) {
            guard let instruction else { return nil }
            self.instruction = instruction
            left = sequence.segments.count
            endsWithSegments = sequence.resultReads.isEmpty
        }
    }

    private func run(_ step: OverlappedStep, _ plan: OverlapPlan) throws {
        let segments = step.pattern.problem
        var forward = Progress(step.forward, segments.forward)
        var backward = Progress(step.backward, segments.backward)
        var weight = 0
        var weightsLeft = 0
        var weightRun: ActionRun?
        var start: SpanRecorder.Moment?
        for pass in plan.order {
            switch pass {
            case .forward: try advance(&forward, &start)
            case .backward: try advance(&backward, &start)
            case .weights:
                start = try start ?? recorder?.now()
                if weightRun == nil {
                    let (action, count) = step.weights[weight]
                    page?.begin(action)
                    weightRun = try kernel(action).start(action, input: nil)
                    weightsLeft = count
                    weight += 1
                }
                try weightRun?.advance()
                weightsLeft -= 1
                if weightsLeft == 0 { weightRun = nil }
            }
        }
        try conclude(&backward)
        try conclude(&forward)
        // The actions of a step get the same span, so that a timeline shows that they ran together. The span begins
        // when the first of them has its input.
        if let recorder, let start {
            let end = try recorder.now()
            for action in step.actions { if let key = keys[action] { recorder.record(key, from: start, to: end) } }
        }
    }

    private func advance(_ progress: inout Progress?, _ start: inout SpanRecorder.Moment?) throws {
        guard var now = progress else { return }
        let run: ActionRun
        page?.begin(now.instruction.action)
        if let known = now.run {
            run = known
        } else {
            let input = try awaitInput(of: now.instruction)
            start = try start ?? recorder?.now()
            run = try kernel(now.instruction.action).start(now.instruction.action, input: input)
            now.run = run
        }
        try run.advance()
        now.left -= 1
        progress = now
        if now.left == 0 && now.endsWithSegments { try conclude(&progress) }
    }

    /// Delivers the result of an action, unless that has been done.
    private func conclude(_ progress: inout Progress?) throws {
        guard let finished = progress, let run = finished.run else { return }
        progress = nil
        try deliver(try run.result(), of: finished.instruction)
    }

    private func kernel(_ action: Action) -> any PipelineStage {
        guard let kernel = kernels[action.stage] else {
            preconditionFailure("\(action) is on a rank that does not hold its stage")
        }
        return kernel
    }

    private func awaitInput(of instruction: RankProgram.Instruction) throws -> Tensor? {
        switch instruction.source {
        case .none: return nil
        case .local: return localValues.removeValue(forKey: localKey(instruction.action))
        case .remote(let transfer):
            guard let (tensor, work) = posted.removeValue(forKey: transfer) else {
                preconditionFailure("the receive of \(instruction.action) was not posted")
            }
            if let recorder, let receiveKey {
                try recorder.recording(receiveKey) { try work.wait() }
            } else {
                try work.wait()
            }
            try tensor.keep(for: .current)
            try link.received(transfer)
            return tensor
        }
    }

    private func deliver(_ result: Tensor?, of instruction: RankProgram.Instruction) throws {
        switch instruction.target {
        case .none: break
        case .local:
            let action = instruction.action
            let neighbour = action.kind == .forward ? action.stage + 1 : action.stage - 1
            localValues[localKey(Action(action.kind, stage: neighbour, microbatch: action.microbatch))] = result
        case .remote(let transfer):
            guard let result else { preconditionFailure("\(instruction.action) has no result to send") }
            try streams.sends.perform(after: .record()) { try link.send(result, transfer) }
        }
    }

    /// Returns the key of the local value that an action takes. B and I take the same value, so they share a key.
    private func localKey(_ action: Action) -> Action {
        action.kind == .inputGradient ? action.with(.backward) : action
    }
}
