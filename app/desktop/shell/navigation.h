#pragma once

#include "app/desktop/session/run_centre.h"

#include <QObject>

namespace skillbox {

/// What one page asks of the others, so that no page knows another: whoever asks emits, the page
/// that can do it has connected itself and comes to the front. GUI thread.
class Navigation : public QObject
{
    Q_OBJECT

public:
    explicit Navigation(QObject *parent = nullptr);

Q_SIGNALS:
    void pageRequested(const QString &id);
    /// The table of the sandbox's controls, with what would mend each.
    void doctorRequested();
    /// Ends the program and starts it again.
    void restartRequested();

    // Catalog
    void skillRequested(const QString &name, const QString &version);
    /// Asks for the particulars of a team server; an empty name: of a new one.
    void teamServerRequested(const QString &name);
    /// Publish this folder to the local store and show the outcome.
    void publishRequested(const QString &directory);

    // Editor
    /// Opens the folder as a project; `file` is relative to it, empty: its SKILL.md. `line` and
    /// `column` count from 1; 0: where the cursor was.
    void editRequested(const QString &directory, const QString &file, int line, int column);
    /// A published version as a new working copy, after asking where.
    void editPublishedRequested(const QString &name, const QString &version);
    void newSkillRequested();

    // Runs
    /// Fills the console with the order; `start`: and runs it.
    void runRequested(const skillbox::RunOrder &order, bool start);
    void executionRequested(const skillbox::ExecutionId &id);
    void compareRequested(const skillbox::ExecutionId &left, const skillbox::ExecutionId &right);

    // Artifacts
    /// Shows this file of a run; an empty path: all of its files.
    void artifactRequested(const skillbox::ExecutionId &id, const QString &path);
};

} // namespace skillbox
