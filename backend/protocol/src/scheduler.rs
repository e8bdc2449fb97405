//! `archipel:entity:scheduler`: jobs that an entity does at times given as in cron, in the local time of its host.

mod cron;

pub use cron::{Cron, Part};

use crate::{
    ids::JobId,
    ns,
    table::{Content, Loose, OrNone, actions, record, replies, words},
};

actions! {
    /// A request. The permission is `scheduler_` and the name of the action.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Action, permissions "scheduler_", answered by Reply {
        /// What can be planned.
        Actions = "actions", reads, -1 => Actions(Vec<Offer>),
        /// What is planned.
        Jobs = "jobs", reads, -1 => Jobs(Vec<Planned>),
        /// Plans something. The answer does not tell the id.
        Schedule = "schedule", changes, -1 {
            /// What.
            job: Job = "job",
            /// When.
            when: Cron = "second" via cron::Fields,
            /// For people.
            comment: Option<String> = "comment",
            /// Kept and never used by the original.
            parameter: Option<String> = "param",
        } => Done,
        /// Takes something off the plan.
        Unschedule = "unschedule", changes, -1 {
            /// Which job.
            id: JobId = "uid",
        } => Done,
    }
}

replies! {
    /// What an entity answers.
    pub enum Reply {
        /// Done.
        Done,
        /// What can be planned.
        Actions(offers: Vec<Offer>),
        /// What is planned.
        Jobs(jobs: Vec<Planned>),
    }
}

words! {
    /// What can be planned. Machines take all but the last two, hypervisors only these.
    pub enum Job, "a job (create, shutdown, destroy, suspend, resume, reboot, migrate, pause, alloc, free)" {
        /// Starts a machine.
        Create = "create",
        /// Asks the guest to stop.
        Shutdown = "shutdown",
        /// Stops a machine at once.
        Destroy = "destroy",
        /// Pauses a machine.
        Suspend = "suspend",
        /// Lets it go on.
        Resume = "resume",
        /// Asks the guest to restart; an original does nothing.
        Reboot = "reboot",
        /// Moves a machine; an original does nothing.
        Migrate = "migrate",
        /// Pauses a running machine, lets a paused one go on.
        Pause = "pause",
        /// Makes a machine.
        Alloc = "alloc",
        /// Removes one; an original does nothing.
        Free = "free",
    }
}

record! {
    /// Something that an entity can plan.
    #[derive(Copy, Eq)]
    pub struct Offer = "action" in ns::SCHEDULER {
        /// What.
        job: Job = "action" via Content,
    }
}

record! {
    /// Something planned.
    #[derive(Eq)]
    pub struct Planned = "job" in ns::SCHEDULER {
        /// Its id.
        id: JobId = "uid",
        /// What.
        job: Job = "action",
        /// When, for people: the form differs with the job's age.
        date: String = "date" via Loose,
        /// For people.
        comment: Option<String> = "comment" via OrNone,
    }
}
