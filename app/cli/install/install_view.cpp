#include "app/cli/install/install_view.h"

#include "app/cli/findings_view.h"
#include "app/cli/text.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString changeWord(InstallChange change, bool isPlan)
{
    switch (change) {
    case InstallChange::Installed: return isPlan ? u"not installed"_s : u"installed"_s;
    case InstallChange::Updated: return isPlan ? u"can be updated"_s : u"updated"_s;
    case InstallChange::Unchanged: break;
    }
    return u"unchanged"_s;
}

QString changeName(InstallChange change)
{
    switch (change) {
    case InstallChange::Installed: return u"installed"_s;
    case InstallChange::Updated: return u"updated"_s;
    case InstallChange::Unchanged: break;
    }
    return u"unchanged"_s;
}

} // namespace

InstallView::InstallView(CliContext &context, const QString &folder)
    : m_context(context)
    , m_folder(folder)
{
    m_json.beginObject().member(u"folder"_s, folder).key(u"skills"_s).beginArray();
}

void InstallView::tell(const InstallOutcome &outcome, const QString &word, bool isPlan)
{
    if (m_context.wantsJson()) {
        m_json.beginObject()
            .member(u"name"_s, outcome.skill.name)
            .member(u"version"_s, outcome.skill.version)
            .member(u"change"_s, changeName(outcome.change))
            .member(u"done"_s, !isPlan)
            .member(u"digest"_s, outcome.skill.digest)
            .memberIfAny(u"previous_digest"_s, outcome.previousDigest)
            .member(u"source"_s, toText(outcome.skill.source))
            .key(u"findings"_s);
        writeFindings(m_json, outcome.findings);
        m_json.endObject();
        return;
    }
    Terminal &out = m_context.out();
    const bool isNews = outcome.change != InstallChange::Unchanged;
    out.writeLine(out.painted(isPlan && isNews ? Paint::Yellow : Paint::Green,
                              isPlan && isNews ? u"•"_s : u"✔"_s)
                  + u' ' + out.painted(Paint::Bold, printableLine(outcome.skill.name)) + u' '
                  + printableLine(outcome.skill.version) + u' ' + word
                  + (isPlan || !isNews ? QString() : u" in "_s + printableLine(m_folder)));
    out.writeLine(u"  "_s + out.painted(Paint::Dim, outcome.skill.digest));
}

void InstallView::installed(const InstallOutcome &outcome, const QString &caveat)
{
    tell(outcome, changeWord(outcome.change, false), false);
    if (hasErrors(outcome.findings)) // accepted, but not in passing
        printFindings(m_context.err(), outcome.skill.name, outcome.findings);
    else if (const QString summary = findingsSummary(outcome.findings); !summary.isEmpty())
        m_context.note(u"%1: %2; skillbox skill lint says more"_s.arg(outcome.skill.name, summary));
    if (!caveat.isEmpty())
        m_context.note(u"%1: %2"_s.arg(outcome.skill.name, caveat));
}

void InstallView::planned(const InstallOutcome &outcome)
{
    tell(outcome, changeWord(outcome.change, true), true);
}

void InstallView::failed(const QString &name, const Error &error)
{
    m_hasFailed = true;
    if (m_context.wantsJson()) {
        m_json.beginObject().member(u"name"_s, name).member(u"error"_s, error.message).endObject();
    }
    m_context.reportError(error);
}

ExitCode InstallView::finish()
{
    m_json.endArray().endObject();
    if (m_context.wantsJson())
        m_context.printJson(m_json.bytes());
    return m_hasFailed ? ExitCode::Error : ExitCode::Success;
}

} // namespace skillbox
