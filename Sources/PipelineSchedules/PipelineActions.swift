// Schedules consist of actions, so this module exports them too.
@_exported public import PipelineActions
