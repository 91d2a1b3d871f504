package import PipelineActions

/// The fields by which an event stands in Chrome-trace JSON: its name, its category and its arguments.
///
/// Writer and reader share this type, so that every event reads back as it was written. A file of another program has no
/// `event`; its events are kernels of their category.
package struct ChromeTraceFields: Hashable, Sendable {
    /// The name that viewers show.
    package var name: String
    /// The class of work, which is the category.
    package var activity: ActivityClass
    /// The case of the event.
    package var event: Event?
    /// The cause of a wait.
    package var cause: Cause?
    /// The kind of an action.
    package var action: ActionKind?
    package var segment: String?
    package var pass: Pass?
    package var exchange: ExchangeKind?
    package var stage: Int?
    package var microbatch: Int?

    /// The cases of ``TimelineEvent``, as files spell them.
    package enum Event: String, CaseIterable, Sendable {
        case action, segment, exchange, gradients, wait
    }

    /// The cases of ``WaitCause``, as files spell them.
    package enum Cause: String, CaseIterable, Sendable {
        case stage, exchange, gradients
    }

    /// Fields without arguments.
    package init(name: String, activity: ActivityClass) {
        self.name = name
        self.activity = activity
    }

    /// The fields of an event.
    package init(_ event: TimelineEvent) {
        self.init(name: event.name, activity: event.activity)
        switch event {
        case .action(let action):
            self.event = .action
            self.action = action.kind
            stage = action.stage
            microbatch = action.microbatch
        case .segment(let segment):
            self.event = .segment
            set(segment, nil)
        case .exchange(let segment, let kind):
            self.event = .exchange
            set(segment, kind)
        case .gradientReduction:
            self.event = .gradients
        case .wait(let cause):
            self.event = .wait
            switch cause {
            case .stage: self.cause = .stage
            case .gradientReduction: self.cause = .gradients
            case .exchange(let segment, let kind):
                self.cause = .exchange
                set(segment, kind)
            }
        case .kernel: break
        }
    }

    private mutating func set(_ event: SegmentEvent, _ kind: ExchangeKind?) {
        segment = event.name
        pass = event.pass
        exchange = kind
        stage = event.stage
        microbatch = event.microbatch
    }

    /// The event that the fields stand for: a kernel if they name no other or lack what it needs.
    package var timelineEvent: TimelineEvent {
        let named = segment.flatMap { name in
            pass.map { SegmentEvent(name, $0, stage: stage, microbatch: microbatch) }
        }
        switch (event, cause) {
        case (.action, _):
            guard let action, let stage, (0...Action.maximumStage).contains(stage) else { break }
            let microbatch = action.hasMicrobatch ? microbatch ?? 0 : 0
            guard (0...Action.maximumMicrobatch).contains(microbatch) else { break }
            return .action(Action(action, stage: stage, microbatch: microbatch))
        case (.segment, _):
            if let named { return .segment(named) }
        case (.exchange, _):
            if let named { return .exchange(named, exchange) }
        case (.gradients, _): return .gradientReduction
        case (.wait, .stage): return .wait(.stage)
        case (.wait, .gradients): return .wait(.gradientReduction)
        case (.wait, .exchange):
            if let named { return .wait(.exchange(named, exchange)) }
        case (.wait, nil), (nil, _): break
        }
        return .kernel(name, activity)
    }

    /// Sets an argument from its text; arguments of other programs are passed over.
    package mutating func set(_ key: String, to text: String) {
        switch key {
        case "event": event = Event(rawValue: text)
        case "cause": cause = Cause(rawValue: text)
        case "action": action = ActionKind.allCases.first { $0.symbol == text }
        case "segment": segment = text
        case "pass": pass = Pass.allCases.first { $0.symbol == text }
        case "exchange": exchange = ExchangeKind(rawValue: text)
        case "stage": stage = Int(text)
        case "microbatch": microbatch = Int(text)
        default: break
        }
    }

    /// The arguments as members of a JSON object, with their values as JSON.
    package var arguments: [(key: String, json: String)] {
        var members: [(key: String, json: String)] = []
        func add(_ key: String, _ text: String?) { if let text { members.append((key, text.jsonQuoted)) } }
        func add(_ key: String, _ number: Int?) { if let number { members.append((key, String(number))) } }
        add("event", event?.rawValue)
        add("cause", cause?.rawValue)
        add("action", action?.symbol)
        add("segment", segment)
        add("pass", pass?.symbol)
        add("exchange", exchange?.rawValue)
        add("stage", stage)
        add("microbatch", microbatch)
        return members
    }
}
