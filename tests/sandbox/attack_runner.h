#pragma once

#include "engine/sandbox/sandbox_runtime.h"
#include "tests/sandbox/attack_table.h"
#include "tests/sandbox/host_bait.h"

#include <QTemporaryDir>

#include <memory>

/// How an attack went.
struct Verdict {
    enum Kind {
        Contained,
        Broken, ///< it got through
        Odd,    ///< neither: the run did not start, the script failed
    };
    Kind kind = Odd;
    QString text; ///< the attack's own line, or how the run ended
};

/// Runs attacks against the real launcher, or against one with controls left out.
class AttackRunner
{
public:
    AttackRunner();
    ~AttackRunner();

    Verdict run(const Attack &attack, skillbox::Observation observation = {});
    /// Without the controls that are named in the row, or with the engine's mistake of the row.
    Verdict runWeakened(const Attack &attack);

    /// Empty, or why this machine or user cannot run the attack for what it is.
    QString reasonNotToRun(const Attack &attack) const;
    /// Empty, or why leaving the controls out cannot show anything here.
    QString reasonNotToWeaken(const Attack &attack) const;
    /// Standard output of one run of a script, for what is judged elsewhere.
    QByteArray outputOf(const QString &script);
    /// What this machine has, for the log of the test: kernel, user, controls.
    QString describeMachine();

private:
    Verdict runOn(skillbox::SandboxRuntime &runtime, const Attack &attack, bool weakenJob,
                  skillbox::Observation observation = {});
    Verdict runOnce(skillbox::SandboxRuntime &runtime, skillbox::SandboxJob job,
                    const Attack &attack);
    Verdict runBoth(skillbox::SandboxRuntime &runtime, const skillbox::SandboxJob &job,
                    const Attack &attack);
    skillbox::SandboxJob jobFor(const Attack &attack, const QByteArray &token) const;

    void makeSession() const;

    QTemporaryDir m_folder; ///< scripts, a session, and weakened launchers
    HostBait m_bait;
    std::unique_ptr<skillbox::SandboxRuntime> m_runtime;
    bool m_hasCgroup = false;
};

/// The launcher as it is shipped: of the build, or of the copy that an ordinary user can read.
QString launcherPath();

/// A launcher in `folder` that leaves out these controls.
QString weakenedLauncherPath(const QTemporaryDir &folder, const QStringList &controls);

/// Raises the limits that root may raise, so that a control has something to take away.
void allowThisProcessEverything();
