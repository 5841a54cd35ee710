#pragma once

#include "app/cli/install/skill_installer.h"
#include "app/cli/json_writer.h"

namespace skillbox {

/// Tells what became of skills that were to be installed, a line or a JSON object each.
class InstallView
{
public:
    InstallView(CliContext &context, const QString &folder);

    void installed(const InstallOutcome &outcome, const QString &caveat = {});
    /// What an update would do.
    void planned(const InstallOutcome &outcome);
    void failed(const QString &name, const Error &error);
    /// Prints what is left; the code to end with.
    ExitCode finish();

private:
    void tell(const InstallOutcome &outcome, const QString &word, bool isPlan);

    CliContext &m_context;
    QString m_folder;
    JsonWriter m_json;
    bool m_hasFailed = false;
};

} // namespace skillbox
