#include "app/desktop/session/draft_checker.h"

#include <QFile>
#include <QFileInfo>

#include <sys/resource.h>

#include <memory>

namespace skillbox {
namespace {

/// As in the checker's own applyFixes().
constexpr int mostRounds = 10;
constexpr qint64 largestFixed = 5LL << 20;

/// The checker yields to whoever types: on Linux a thread has a priority of its own.
void yieldToTyping()
{
    thread_local const int lowered = ::setpriority(PRIO_PROCESS, 0, 10);
    static_cast<void>(lowered);
}

/// The options borrow the question.
LintOptions optionsFor(const DraftQuestion &question)
{
    LintOptions options;
    options.profile = question.profile;
    options.unsaved = question.unsaved;
    options.parseScripts = [&question](const QString &,
                                       const QStringList &scripts) -> Result<QList<ScriptProblem>> {
        if (!question.notParsed.isEmpty())
            return fail(ErrorCode::SandboxUnavailable, question.notParsed);
        QList<ScriptProblem> problems;
        for (const ScriptProblem &problem : question.syntax) {
            if (scripts.contains(problem.file))
                problems.append(problem);
        }
        return problems;
    };
    return options;
}

FixedDraft fixDraft(DraftQuestion question, FixSafety level)
{
    FixedDraft fixed;
    for (int round = 0; round < mostRounds; ++round) {
        const LintReport report = lintSkill(question.directory, optionsFor(question));
        QHash<QString, QList<TextEdit>> edits;
        for (const Finding &finding : report.findings) {
            if (!finding.fix || finding.fix->edits.isEmpty()
                || (finding.fix->safety == FixSafety::Unsafe && level == FixSafety::Safe)) {
                continue;
            }
            fixed.applied.append({finding.file, finding.id, finding.fix->title});
            edits[finding.file] += finding.fix->edits;
        }
        if (edits.isEmpty())
            break;
        for (auto it = edits.cbegin(); it != edits.cend(); ++it) {
            if (!question.unsaved.contains(it.key())) {
                QFile file(question.directory + u'/' + it.key());
                if (!QFileInfo(file).isFile() || !file.open(QIODevice::ReadOnly))
                    continue;
                question.unsaved.insert(it.key(), file.read(largestFixed));
            }
            QByteArray &content = question.unsaved[it.key()];
            if (!fixed.before.contains(it.key()))
                fixed.before.insert(it.key(), content);
            content = withEdits(content, it.value());
            fixed.after.insert(it.key(), content);
        }
    }
    return fixed;
}

} // namespace

DraftChecker::DraftChecker(QObject *parent) : QObject(parent)
{
    m_pool.setMaxThreadCount(1);
}

DraftChecker::~DraftChecker()
{
    m_waiting.clear();
    m_pool.waitForDone();
}

void DraftChecker::check(const DraftQuestion &question)
{
    if (m_running.contains(question.directory))
        m_waiting.insert(question.directory, question);
    else
        start(question);
}

void DraftChecker::start(const DraftQuestion &question)
{
    m_running.insert(question.directory, question.revision);
    m_pool.start([this, question] {
        yieldToTyping();
        auto report = std::make_shared<DraftReport>();
        report->question = question;
        LintOptions options = optionsFor(report->question);
        options.parseScripts = [known = std::move(options.parseScripts),
                                &report](const QString &directory, const QStringList &scripts) {
            report->scripts = scripts;
            return known(directory, scripts);
        };
        report->lint = lintSkill(question.directory, options);
        QMetaObject::invokeMethod(
            this,
            [this, report] {
                const QString directory = report->question.directory;
                m_running.remove(directory);
                if (m_waiting.contains(directory))
                    start(m_waiting.take(directory));
                Q_EMIT checked(*report);
            },
            Qt::QueuedConnection);
    });
}

void DraftChecker::fixAll(QObject *receiver, const DraftQuestion &question, FixSafety level,
                          std::function<void(FixedDraft)> done)
{
    const QPointer<QObject> guard(receiver);
    m_pool.start([this, guard, question, level, done = std::move(done)] {
        auto fixed = std::make_shared<FixedDraft>(fixDraft(question, level));
        QMetaObject::invokeMethod(
            this,
            [guard, fixed, done] {
                if (guard)
                    done(std::move(*fixed));
            },
            Qt::QueuedConnection);
    });
}

} // namespace skillbox
