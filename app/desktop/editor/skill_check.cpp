#include "app/desktop/editor/skill_check.h"

#include "app/desktop/editor/banner.h"
#include "app/desktop/editor/dialogs.h"
#include "app/desktop/text/syntax.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"
#include "engine/skill/rules.h"

#include <QMenu>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Between two keys of a fast typist nothing is checked.
constexpr auto typingPause = 40ms;
/// Parsers are programs that are started: they wait until nothing was typed for a while.
constexpr auto parsingPause = 400ms;
/// More marks than anybody reads; painting them would cost.
constexpr qsizetype mostMarks = 500;

MarkKind kindOf(Severity severity)
{
    switch (severity) {
    case Severity::Error: return MarkKind::Error;
    case Severity::Warning: return MarkKind::Warning;
    case Severity::Info: break;
    }
    return MarkKind::Info;
}

QStringList linesOf(const CodeEditor &editor)
{
    QStringList lines;
    lines.reserve(editor.blockCount());
    for (QTextBlock block = editor.document()->begin(); block.isValid(); block = block.next())
        lines.append(block.text());
    return lines;
}

} // namespace

SkillCheck::SkillCheck(OpenFiles &files, ProblemsPanel &panel, EngineThread &engine,
                       QWidget *window, QObject *parent)
    : QObject(parent)
    , m_files(files)
    , m_panel(panel)
    , m_window(window)
    , m_syntax(engine)
{
    m_delay.setSingleShot(true);
    m_delay.setInterval(typingPause);
    connect(&m_delay, &QTimer::timeout, this, &SkillCheck::ask);
    connect(&m_checker, &DraftChecker::checked, this, &SkillCheck::take);
    m_parseDelay.setSingleShot(true);
    m_parseDelay.setInterval(parsingPause);
    connect(&m_parseDelay, &QTimer::timeout, this, &SkillCheck::askParsers);
    connect(&m_syntax, &DraftSyntax::parsed, this, [this](const QString &directory) {
        if (directory == m_project)
            schedule();
    });
    connect(&panel, &ProblemsPanel::profileChanged, this, &SkillCheck::schedule);
    connect(&panel, &ProblemsPanel::activated, this, &SkillCheck::goTo);
    connect(&panel, &ProblemsPanel::fixWanted, this, &SkillCheck::fix);
    connect(&panel, &ProblemsPanel::fixAllWanted, this, &SkillCheck::fixAll);
    connect(&panel, &ProblemsPanel::suppressWanted, this, &SkillCheck::suppress);
    connect(&panel, &ProblemsPanel::explainWanted, this, &SkillCheck::explain);
}

void SkillCheck::setProject(const QString &project)
{
    if (m_project == project)
        return;
    m_project = project;
    m_report.reset();
    ++m_revision;
    m_parseDelay.stop();
    if (project.isEmpty()) {
        m_delay.stop();
        m_panel.showNothing();
        Q_EMIT checked();
    } else {
        m_delay.start();
    }
}

void SkillCheck::schedule()
{
    ++m_revision;
    m_parseDelay.stop();
    if (!m_project.isEmpty())
        m_delay.start();
}

DraftQuestion SkillCheck::question() const
{
    const QHash<QString, QByteArray> unsaved = m_files.unsavedOf(m_project);
    return {m_project,
            unsaved,
            m_panel.profile(),
            m_revision,
            m_syntax.problems(m_project, unsaved),
            m_syntax.failure()};
}

void SkillCheck::askParsers()
{
    if (m_report)
        m_syntax.check(m_project, m_report->scripts, m_files.unsavedOf(m_project));
}

void SkillCheck::ask()
{
    m_checker.check(question());
}

void SkillCheck::take(const DraftReport &report)
{
    if (report.question.directory != m_project)
        return;
    m_answered = report.question.revision;
    // An older answer would put marks in wrong places; a newer one is on its way.
    if (m_answered != m_revision)
        return;
    m_report = report;
    m_panel.setReport(report.lint);
    m_parseDelay.start();
    QHash<QString, Severity> worst;
    for (const Finding &finding : report.lint.findings) {
        if (finding.severity == Severity::Info)
            continue;
        const auto known = worst.constFind(finding.file);
        if (known == worst.cend() || *known < finding.severity)
            worst.insert(finding.file, finding.severity);
    }
    m_files.setSeverities(m_project, worst);
    for (DocumentView *view : m_files.documents()) {
        if (view->project() == m_project)
            showIn(*view);
    }
    Q_EMIT checked();
    showWaitingMenu();
    if (m_waitingFix) {
        const Finding wanted = *std::exchange(m_waitingFix, {});
        for (const Finding &finding : report.lint.findings) {
            if (finding.id == wanted.id && finding.fingerprint == wanted.fingerprint) {
                fix(finding);
                break;
            }
        }
    }
}

void SkillCheck::showIn(DocumentView &view)
{
    QList<TextMark> marks;
    for (const Finding &finding : m_report->lint.findings) {
        if (finding.file != view.file() || finding.range.line <= 0 || marks.size() >= mostMarks)
            continue;
        const auto [start, length] = view.placeOf(finding.range);
        marks.append({start, length, kindOf(finding.severity)});
    }
    view.editor().setMarks(marks);
}

QList<Finding> SkillCheck::findingsAt(const DocumentView &view, int line) const
{
    QList<Finding> found;
    if (!m_report || view.project() != m_project || !isCurrent())
        return found;
    for (const Finding &finding : m_report->lint.findings) {
        if (finding.file == view.file()
            && (finding.range.line == line || (finding.range.line == 0 && line == 1)
                || (finding.range.line < line && finding.range.endLine > line)))
            found.append(finding);
    }
    return found;
}

QString SkillCheck::hoverText(DocumentView &view, int position) const
{
    QStringList parts;
    const QTextBlock block = view.editor().document()->findBlock(position);
    for (const Finding &finding : findingsAt(view, block.blockNumber() + 1)) {
        const auto [start, length] = view.placeOf(finding.range);
        if (position < start || position > start + std::max(length, 1))
            continue;
        QString text = u"%1: %2"_s.arg(severityName(finding.severity), finding.message);
        if (!finding.hint.isEmpty())
            text += u'\n' + finding.hint;
        text += u"\n["_s + finding.id + u']';
        if (const RuleInfo *rule = findRule(finding.id))
            text += u' ' + QString::fromUtf8(ruleHelp(rule->rule).why);
        if (finding.fix)
            text += u'\n' + tr("Alt+Enter: %1").arg(finding.fix->title);
        parts.append(text);
    }
    if (isMarkdownName(view.file())) {
        const QString help = fieldHelpAt(linesOf(view.editor()), block.blockNumber(),
                                         position - block.position());
        if (!help.isEmpty())
            parts.append(help);
    }
    return parts.join(u"\n\n"_s);
}

void SkillCheck::goTo(const Finding &finding)
{
    if (finding.file.isEmpty())
        return;
    DocumentView *view = m_files.open(m_project, finding.file);
    if (view->state() == DocumentView::State::Loading) {
        view->goTo(finding.range.line, finding.range.column);
        return;
    }
    if (finding.range.line > 0) {
        const auto [start, length] = view->placeOf(finding.range);
        view->editor().select(start, length);
    }
    view->editor().setFocus(Qt::OtherFocusReason);
}

void SkillCheck::showWaitingMenu()
{
    const QPointer<DocumentView> view = std::exchange(m_waitingMenu, {});
    if (view && view == m_files.current()
        && view->editor().textCursor().blockNumber() == m_waitingLine) {
        openFixMenu(*view);
    }
}

void SkillCheck::openFixMenu(DocumentView &view)
{
    const QTextCursor cursor = view.editor().textCursor();
    if (view.project() == m_project && !isCurrent()) {
        // What is known is about another text: the answer is on its way.
        m_waitingMenu = &view;
        m_waitingLine = cursor.blockNumber();
        return;
    }
    const QList<Finding> findings = findingsAt(view, cursor.blockNumber() + 1);
    auto *menu = new QMenu(&view);
    menu->setObjectName(u"editor.fixMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const Finding &finding : findings) {
        if (finding.fix) {
            QAction *action = menu->addAction(finding.fix->title, this,
                                              [this, finding] { fix(finding); });
            action->setIcon(themedIcon(
                u"check"_s, m_theme,
                finding.fix->safety == FixSafety::Safe ? ColorRole::Success : ColorRole::Warning));
            action->setToolTip(plainToolTip(finding.message));
        }
    }
    for (const Finding &finding : findings) {
        if (!menu->isEmpty())
            menu->addSeparator();
        if (finding.range.line > 0) {
            menu->addAction(tr("Suppress %1 here …").arg(finding.id), this,
                            [this, finding] { suppress(finding); });
        }
        menu->addAction(tr("Explain %1").arg(finding.id), this,
                        [this, finding] { explain(finding); });
    }
    if (menu->isEmpty())
        menu->addAction(tr("Nothing to fix in this line"))->setEnabled(false);
    const QRect place = view.editor().cursorRect();
    menu->popup(view.editor().viewport()->mapToGlobal(place.bottomLeft()));
    if (!menu->actions().isEmpty())
        menu->setActiveAction(menu->actions().constFirst());
}

void SkillCheck::fix(const Finding &finding)
{
    if (!finding.fix)
        return;
    if (!finding.fix->renameTo.isEmpty()) {
        const QString folder = finding.file.section(u'/', 0, -2);
        Q_EMIT renameWanted(finding.file,
                            folder.isEmpty() ? finding.fix->renameTo
                                             : folder + u'/' + finding.fix->renameTo);
        return;
    }
    DocumentView *view = m_files.open(m_project, finding.file);
    if (view->state() == DocumentView::State::Loading || !isCurrent() || !m_report) {
        // Its bytes are another text's by now, or not known yet.
        m_waitingFix = finding;
        if (view->state() != DocumentView::State::Loading)
            schedule();
        return;
    }
    if (view->state() != DocumentView::State::Editable)
        return;
    const QByteArray before = view->bytes();
    offer(finding.fix->title, finding.file, before, withEdits(before, finding.fix->edits));
}

void SkillCheck::offer(const QString &title, const QString &file, const QByteArray &before,
                       const QByteArray &after)
{
    showChange(m_window, m_theme, {title, tr("Apply"), {{file, before}}, {{file, after}}},
               [this, project = m_project, file, before, after] {
                   m_files.apply(project, {{file, before}}, {{file, after}});
               });
}

void SkillCheck::fixAll()
{
    if (m_project.isEmpty())
        return;
    const auto offerAll = [this, project = m_project](const FixedDraft &fixed) {
        if (fixed.after.isEmpty())
            return;
        showChange(m_window, m_theme,
                   {fixed.applied.size() == 1 ? fixed.applied.constFirst().title
                                              : tr("%1 safe fixes").arg(fixed.applied.size()),
                    tr("Apply"), fixed.before, fixed.after},
                   [this, project, fixed] { m_files.apply(project, fixed.before, fixed.after); });
    };
    m_checker.fixAll(this, question(), FixSafety::Safe, offerAll);
}

void SkillCheck::explain(const Finding &finding)
{
    explainRule(m_window, m_theme, finding);
}

void SkillCheck::suppress(const Finding &finding)
{
    DocumentView *view = m_files.open(m_project, finding.file);
    askForText(
        m_window, tr("Suppress %1").arg(finding.id),
        tr("Why is this right as it is? The reason is written above the line, as a comment."), {},
        tr("Suppress"),
        [](const QString &reason) {
            return reason.trimmed().size() < 3 ? SkillCheck::tr("Give a reason.") : QString();
        },
        [finding, guard = QPointer<DocumentView>(view)](const QString &reason) {
            if (!guard || guard->state() != DocumentView::State::Editable)
                return;
            CodeEditor &editor = guard->editor();
            const QStringList lines = linesOf(editor);
            const int line = std::clamp(finding.range.line - 1, 0, editor.blockCount() - 1);
            CommentStyle style = Syntax::commentStyle(finding.file);
            if (isMarkdownName(finding.file)) {
                const auto header = headerLines(lines);
                style = header && line >= header->first && line <= header->last
                    ? CommentStyle{u"#"_s, {}, {}}
                    : CommentStyle{{}, u"<!--"_s, u"-->"_s};
            }
            const QString text = u"skillbox-ignore %1: %2"_s.arg(finding.id, reason.simplified());
            const QString comment = !style.line.isEmpty() ? style.line + u' ' + text
                : !style.start.isEmpty() ? style.start + u' ' + text + u' ' + style.end
                                         : QString();
            if (comment.isEmpty()) {
                guard->banner().show(u"suppress"_s, Banner::Kind::Info,
                                     tr("This kind of file has no comments: the finding cannot be "
                                        "suppressed in it."),
                                     {{tr("Close"), [guard] {
                                           if (guard)
                                               guard->banner().dismiss(u"suppress"_s);
                                       }}});
                return;
            }
            QString indent;
            for (const QChar c : lines.value(line)) {
                if (!c.isSpace())
                    break;
                indent += c;
            }
            QTextCursor cursor(editor.document()->findBlockByNumber(line));
            cursor.insertText(indent + comment + u'\n');
        });
}

void SkillCheck::convert(Dialect dialect)
{
    DocumentView *view = m_files.find(m_project, u"SKILL.md"_s);
    if (!view || view->state() != DocumentView::State::Editable)
        return;
    const QByteArray before = view->bytes();
    const auto after = convertDialect(before, dialect);
    if (!after) {
        view->banner().show(u"convert"_s, Banner::Kind::Warning, after.error().message,
                            {{tr("Close"), [guard = QPointer<DocumentView>(view)] {
                                  if (guard)
                                      guard->banner().dismiss(u"convert"_s);
                              }}});
        return;
    }
    offer(dialect == Dialect::Specification ? tr("Write the runtime's fields under metadata")
                                            : tr("Write the runtime's fields at the top level"),
          view->file(), before, *after);
}

} // namespace skillbox
