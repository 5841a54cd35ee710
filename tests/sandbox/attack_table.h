#pragma once

#include "engine/sandbox/sandbox_runtime.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <functional>

/// One attempt to break one control from inside. See attacks/attack.py for how it reports.
struct Attack {
    enum class Machine {
        Any,
        Root,       ///< means something only where the engine runs as root
        RootToFail, ///< only root can have what the control takes away
        Cgroup,     ///< only a control group bounds this; without one it is known to be open
    };
    enum class Shape {
        OneRun,
        TwoRuns, ///< one plants, another looks for it meanwhile
        Daemon,  ///< leaves a process that carries the token; the test looks for it
    };

    QString name;
    QString script; ///< a file of attacks/
    QStringList arguments = {};
    /// Controls, each sufficient against this attack: with all of them left out it gets through.
    /// Empty: `notWeakened` says why there is nothing to leave out.
    QStringList controls = {};
    QString notWeakened = {};
    /// Ends of the run that count as contained besides the attack's own word.
    QList<skillbox::OutcomeKind> contained = {};
    std::function<void(skillbox::SandboxLimits &)> limits = {};
    /// What else the run is given.
    std::function<void(skillbox::SandboxJob &)> job = {};
    /// A folder of the host with files, links and a pipe; see AttackRunner.
    bool withSession = false;
    /// What the engine, not the launcher, would do wrong; used instead of leaving controls out.
    std::function<void(skillbox::SandboxJob &)> weakenJob = {};
    Machine machine = Machine::Any;
    Shape shape = Shape::OneRun;
    /// Any of these on the host, or nothing is there to be reached.
    QStringList hostHas = {};
};

/// All of them; names are unique.
const QList<Attack> &attacks();
