#include "app/desktop/editor/document_view.h"

#include "app/desktop/editor/banner.h"
#include "app/desktop/preview/preview_view.h"

#include <QFile>
#include <QLocale>
#include <QVBoxLayout>

#include <utility>

using namespace Qt::StringLiterals;

namespace skillbox {

DocumentView::DocumentView(DraftFiles &files, QString project, QString file, QWidget *parent)
    : QWidget(parent)
    , m_files(files)
    , m_project(std::move(project))
    , m_file(std::move(file))
    , m_banner(new Banner)
    , m_stack(new QStackedWidget)
    , m_editor(new CodeEditor)
    , m_preview(new PreviewView)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_banner);
    column->addWidget(m_stack, 1);
    m_stack->addWidget(m_editor);
    m_stack->addWidget(m_preview);
    m_editor->setObjectName(u"editor.text"_s);
    m_editor->setAccessibleName(tr("Text of %1").arg(m_file));
    connect(m_editor->document(), &QTextDocument::contentsChanged, this, [this] {
        if (!m_loading)
            Q_EMIT edited();
    });
    connect(m_editor->document(), &QTextDocument::modificationChanged, this,
            &DocumentView::stateChanged);
    m_editor->setReadOnly(true);
    reload();
}

void DocumentView::applyTheme(const Theme &theme)
{
    m_editor->applyTheme(theme);
    m_preview->applyTheme(theme);
}

QByteArray DocumentView::bytes() const
{
    return encodeDraft(m_editor->sourceText(), m_format);
}

void DocumentView::setBytes(const QByteArray &bytes)
{
    const DraftText decoded = decodeDraft(bytes);
    if (decoded.kind != DraftText::Kind::Exact)
        return;
    const bool formatChanges = m_format != decoded.format;
    m_format = decoded.format;
    m_editor->replaceText(decoded.text);
    if (formatChanges) {
        m_editor->document()->setModified(true);
        Q_EMIT edited();
    }
}

void DocumentView::changeWhenLoaded(const QByteArray &before, const QByteArray &after)
{
    m_change = {before, after};
}

void DocumentView::setFile(const QString &project, const QString &file)
{
    m_project = project;
    m_file = file;
    m_editor->setAccessibleName(tr("Text of %1").arg(m_file));
    m_editor->setFileName(m_file);
    Q_EMIT stateChanged();
}

void DocumentView::goTo(int line, int column)
{
    if (m_state == State::Loading)
        m_goTo = {line, column};
    else if (line > 0)
        m_editor->goTo(line, column);
}

QPair<int, int> DocumentView::placeOf(const TextRange &range) const
{
    const QTextDocument &document = *m_editor->document();
    const auto position = [&](int line, int column) {
        const QTextBlock block = document.findBlockByNumber(line - 1);
        if (!block.isValid())
            return document.characterCount() - 1;
        const QString text = block.text();
        // The byte order mark counts as a column of its own.
        if (line == 1 && m_format.byteOrderMark)
            --column;
        int at = 0;
        for (int i = 1; i < column && at < text.size(); ++i)
            at += text[at].isHighSurrogate() && at + 1 < text.size() ? 2 : 1;
        return block.position() + at;
    };
    if (range.line <= 0)
        return {0, 0};
    const int start = position(range.line, range.column);
    const int end = range.endLine > 0 ? position(range.endLine, range.endColumn) : start;
    return {start, std::max(0, end - start)};
}

void DocumentView::setState(State state)
{
    m_state = state;
    m_editor->setReadOnly(state != State::Editable);
    if (state == State::ReadOnly)
        m_editor->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_stack->setCurrentIndex(state == State::NotText || state == State::Failed ? 1 : 0);
    Q_EMIT stateChanged();
}

void DocumentView::reload()
{
    m_files.load(this, path(), [this](const Result<DraftFile> &file) { show(file); });
}

void DocumentView::show(const Result<DraftFile> &file)
{
    if (!file && m_recovered) {
        // Its file is gone, the text is not.
        m_loading = true;
        m_editor->setSource({}, m_file);
        m_loading = false;
        m_deleted = true;
        setState(State::Editable);
        const RecoveredDraft draft = *std::exchange(m_recovered, {});
        setBytes(draft.content);
        m_editor->document()->setModified(true);
        showConflict();
        return;
    }
    if (!file) {
        setState(State::Failed);
        m_preview->clear();
        m_banner->show(u"failed"_s, Banner::Kind::Error, file.error().message,
                       {{tr("Try again"), [this] { reload(); }}});
        return;
    }
    m_banner->dismiss(u"failed"_s);
    m_banner->dismiss(u"disk"_s);
    m_deleted = false;
    m_digest = file->digest;
    m_format = file->content.format;
    if (file->content.kind == DraftText::Kind::Binary && !m_recovered) {
        setState(State::NotText);
        m_preview->show({path(), m_file, {}});
        m_banner->show(u"kind"_s, Banner::Kind::Info, file->content.problem, {});
        return;
    }
    const int line = m_editor->textCursor().blockNumber();
    const bool again = m_state == State::Editable || m_state == State::ReadOnly;
    m_loading = true;
    // A huge text is not coloured: reading it must not make the window slow.
    if (again && file->content.kind == DraftText::Kind::Exact) {
        m_editor->replaceText(file->content.text);
        m_editor->setFileName(m_file);
    } else {
        m_editor->setSource(file->content.text, file->huge ? QString() : m_file);
    }
    m_editor->document()->setModified(false);
    m_loading = false;
    if (file->huge) {
        m_banner->show(u"kind"_s, Banner::Kind::Warning,
                       tr("This file has %1. Its beginning is shown, to read only.")
                           .arg(QLocale().formattedDataSize(file->size)),
                       {});
        setState(State::ReadOnly);
    } else if (file->content.kind == DraftText::Kind::Inexact) {
        m_banner->show(u"kind"_s, Banner::Kind::Warning, file->content.problem,
                       file->content.text.contains(QChar::ReplacementCharacter)
                           ? QList<Banner::Action>()
                           : QList<Banner::Action>{{tr("Make them line feeds"), [this] {
                                                        m_format = {m_format.byteOrderMark, false};
                                                        m_banner->dismiss(u"kind"_s);
                                                        setState(State::Editable);
                                                        m_editor->document()->setModified(true);
                                                        Q_EMIT edited();
                                                    }}});
        setState(State::ReadOnly);
    } else if (!file->writable) {
        m_banner->show(u"kind"_s, Banner::Kind::Info, tr("This file is read-only on disk."), {});
        setState(State::ReadOnly);
    } else {
        m_banner->dismiss(u"kind"_s);
        setState(State::Editable);
    }
    // Whatever became of the file: what was written here comes back.
    if (m_recovered)
        setState(State::Editable);
    if (m_goTo.first > 0)
        m_editor->goTo(m_goTo.first, m_goTo.second);
    else if (again)
        m_editor->goTo(line + 1, 1);
    m_goTo = {0, 0};
    if (m_recovered) {
        const RecoveredDraft draft = *std::exchange(m_recovered, {});
        const bool isOther = draft.baseDigest != m_digest;
        setBytes(draft.content);
        if (isDirty()) {
            m_banner->show(
                u"recovered"_s, Banner::Kind::Info,
                isOther
                    ? tr("Unsaved text of %1 was restored. The file was changed by "
                         "another program since.")
                          .arg(QLocale().toString(draft.at.toLocalTime(), QLocale::ShortFormat))
                    : tr("Unsaved text of %1 was restored.")
                          .arg(QLocale().toString(draft.at.toLocalTime(), QLocale::ShortFormat)),
                {{tr("Show differences"), [this] { askForDiff(); }},
                 {tr("Discard it"),
                  [this] {
                      m_banner->dismiss(u"recovered"_s);
                      reload();
                  }},
                 {tr("Keep"), [this] { m_banner->dismiss(u"recovered"_s); }}});
        }
    }
    if (m_change) {
        const auto [before, after] = *std::exchange(m_change, {});
        if (m_state == State::Editable && bytes() == before)
            setBytes(after);
    }
    Q_EMIT edited(); // there is a text to check
}

void DocumentView::restore(const RecoveredDraft &draft)
{
    m_recovered = draft;
    if (m_state != State::Loading)
        reload();
}

RecoveredDraft DocumentView::draft() const
{
    return {m_project, m_file, bytes(), m_digest, QDateTime::currentDateTimeUtc()};
}

QString DocumentView::formatText() const
{
    if (m_state != State::Editable && m_state != State::ReadOnly)
        return {};
    QString text = m_format.byteOrderMark ? tr("UTF-8 with BOM") : u"UTF-8"_s;
    text += m_format.crlf ? u" · CRLF"_s : u" · LF"_s;
    return m_state == State::ReadOnly ? text + u" · "_s + tr("read only") : text;
}

void DocumentView::save(std::function<void(bool)> done)
{
    if (m_state != State::Editable || m_saving) {
        if (done)
            done(false);
        return;
    }
    m_saving = true;
    const int revision = m_editor->document()->revision();
    const bool force = m_deleted || m_banner->id() == "disk"_L1;
    m_files.save(this, path(), bytes(), force ? QByteArray() : m_digest,
                 [this, revision, done](const Result<QByteArray> &digest) {
                     m_saving = false;
                     if (!digest && digest.error().code == ErrorCode::Conflict) {
                         showConflict();
                     } else if (!digest) {
                         m_banner->show(u"failed"_s, Banner::Kind::Error, digest.error().message,
                                        {{tr("Try again"), [this] { save(); }}});
                     } else {
                         m_digest = *digest;
                         m_deleted = false;
                         for (const QString &id : {u"disk"_s, u"failed"_s, u"recovered"_s})
                             m_banner->dismiss(id);
                         if (m_editor->document()->revision() == revision)
                             m_editor->document()->setModified(false);
                         Q_EMIT saved();
                         Q_EMIT stateChanged();
                     }
                     if (done)
                         done(digest.has_value());
                 });
}

void DocumentView::checkDisk()
{
    if (m_saving || m_state == State::Loading)
        return;
    m_files.digest(this, path(), [this](const Result<QByteArray> &digest) {
        if (m_saving)
            return;
        if (!digest) {
            if (!std::exchange(m_deleted, true))
                showConflict();
            return;
        }
        const bool wasDeleted = std::exchange(m_deleted, false);
        if (*digest == m_digest) {
            m_banner->dismiss(u"disk"_s);
            if (m_state == State::Failed)
                reload();
            else if (wasDeleted)
                Q_EMIT stateChanged();
        } else if (!isDirty()) {
            reload();
        } else {
            showConflict();
        }
    });
}

void DocumentView::showConflict()
{
    if (m_deleted) {
        m_banner->show(
            u"disk"_s, Banner::Kind::Warning,
            tr("%1 was deleted. Its text is still here; saving writes it again.").arg(m_file),
            {{tr("Save"), [this] { save(); }}});
        m_editor->document()->setModified(true);
    } else {
        m_banner->show(u"disk"_s, Banner::Kind::Warning,
                       tr("%1 was changed by another program, and here too.").arg(m_file),
                       {{tr("Show differences"), [this] { askForDiff(); }},
                        {tr("Reload"), [this] { reload(); }},
                        {tr("Keep mine"), [this] {
                             // The next save replaces what is there now.
                             m_files.digest(this, path(), [this](const Result<QByteArray> &digest) {
                                 if (digest)
                                     m_digest = *digest;
                                 m_banner->dismiss(u"disk"_s);
                             });
                         }}});
    }
    Q_EMIT stateChanged();
}

void DocumentView::askForDiff()
{
    m_files.load(this, path(), [this](const Result<DraftFile> &file) {
        if (file)
            Q_EMIT diffWanted(encodeDraft(file->content.text, file->content.format), bytes());
    });
}

} // namespace skillbox
