import PipelineActions

/// The form of events in Chrome-trace JSON: arguments, beside the event's name and its class as the category.
///
/// The writer and the reader share this file, so every event reads back as it was written.
extension TimelineEvent {
    /// The event's arguments as members of a JSON object, with their values as JSON.
    package var chromeTraceArguments: [(key: String, json: String)] {
        switch self {
        case .action(let action):
            [
                ("event", "\"action\""), ("action", action.kind.symbol.jsonQuoted), ("stage", "\(action.stage)"),
                ("microbatch", "\(action.microbatch)"),
            ]
        case .segment(let segment): [("event", "\"segment\"")] + segment.chromeTraceArguments(nil)
        case .exchange(let segment, let kind): [("event", "\"exchange\"")] + segment.chromeTraceArguments(kind)
        case .gradientReduction: [("event", "\"gradients\"")]
        case .wait(.stage): [("event", "\"wait\""), ("cause", "\"stage\"")]
        case .wait(.gradientReduction): [("event", "\"wait\""), ("cause", "\"gradients\"")]
        case .wait(.exchange(let segment, let kind)):
            [("event", "\"wait\""), ("cause", "\"exchange\"")] + segment.chromeTraceArguments(kind)
        case .kernel: []
        }
    }

    /// The event with a name, a class and arguments from a file. The event is a kernel if the arguments name no other
    /// event, as in files of other programs, or if an argument is missing. A missing micro-batch of an action counts as
    /// 0.
    package init(name: String, activity: ActivityClass, chromeTraceArguments arguments: [(key: String, text: String)]) {
        func text(_ key: String) -> String? { arguments.last { $0.key == key }?.text }
        func number(_ key: String) -> Int? { text(key).flatMap { Int($0) } }
        func exchange() -> ExchangeKind? { text("exchange").flatMap { ExchangeKind(rawValue: $0) } }
        func segment() -> SegmentEvent? {
            guard let name = text("segment"), let symbol = text("pass"),
                let pass = Pass.allCases.first(where: { $0.symbol == symbol })
            else { return nil }
            return SegmentEvent(name, pass, stage: number("stage"), microbatch: number("microbatch"))
        }
        let event: TimelineEvent? =
            switch (text("event"), text("cause")) {
            case ("action", _): Self.action(text("action"), stage: number("stage"), microbatch: number("microbatch"))
            case ("segment", _): segment().map { .segment($0) }
            case ("exchange", _): segment().map { .exchange($0, exchange()) }
            case ("gradients", _): .gradientReduction
            case ("wait", "stage"): .wait(.stage)
            case ("wait", "gradients"): .wait(.gradientReduction)
            case ("wait", "exchange"): segment().map { .wait(.exchange($0, exchange())) }
            default: nil
            }
        self = event ?? .kernel(name, activity)
    }

    private static func action(_ symbol: String?, stage: Int?, microbatch: Int?) -> TimelineEvent? {
        guard let kind = ActionKind.allCases.first(where: { $0.symbol == symbol }), let stage,
            (0...Action.maximumStage).contains(stage)
        else { return nil }
        let microbatch = kind.hasMicrobatch ? microbatch ?? 0 : 0
        guard (0...Action.maximumMicrobatch).contains(microbatch) else { return nil }
        return .action(Action(kind, stage: stage, microbatch: microbatch))
    }
}

extension SegmentEvent {
    fileprivate func chromeTraceArguments(_ kind: ExchangeKind?) -> [(key: String, json: String)] {
        let members: [(key: String, json: String?)] = [
            ("segment", name.jsonQuoted), ("pass", pass.symbol.jsonQuoted), ("exchange", kind?.rawValue.jsonQuoted),
            ("stage", stage.map { "\($0)" }), ("microbatch", microbatch.map { "\($0)" }),
        ]
        return members.compactMap { key, json in json.map { (key, $0) } }
    }
}
