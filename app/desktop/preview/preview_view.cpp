#include "app/desktop/preview/preview_view.h"

#include "app/desktop/preview/document_viewer.h"
#include "app/desktop/preview/hex_viewer.h"
#include "app/desktop/preview/json_viewer.h"
#include "app/desktop/preview/markdown_viewer.h"
#include "app/desktop/preview/table_viewer.h"
#include "app/desktop/preview/text_viewer.h"
#include "app/desktop/widgets/state_view.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

bool hasRendering(FileKind kind)
{
    return kind != FileKind::Html && kind != FileKind::Text && kind != FileKind::Binary;
}

bool hasSource(FileKind kind)
{
    return kind != FileKind::Image && kind != FileKind::Pdf && kind != FileKind::Binary;
}

} // namespace

PreviewView::PreviewView(QWidget *parent)
    : QWidget(parent)
    , m_bar(new QWidget)
    , m_modeButtons(new QWidget)
    , m_tools(new QStackedWidget)
    , m_note(new QLabel)
    , m_stack(new QStackedWidget)
{
    auto *modes = new QHBoxLayout(m_modeButtons);
    modes->setContentsMargins(0, 0, 0, 0);
    modes->setSpacing(4);
    for (const auto &[mode, name] : {std::pair{Mode::Rendered, u"preview.rendered"_s},
                                     std::pair{Mode::Source, u"preview.source"_s},
                                     std::pair{Mode::Bytes, u"preview.bytes"_s}}) {
        auto *button = new QToolButton;
        button->setCheckable(true);
        button->setObjectName(name);
        button->setText(mode == Mode::Source ? tr("Source") : tr("Bytes"));
        m_modes.addButton(button, static_cast<int>(mode));
        modes->addWidget(button);
    }
    connect(&m_modes, &QButtonGroup::idClicked, this,
            [this](int id) { setMode(static_cast<Mode>(id)); });
    auto *bar = new QHBoxLayout(m_bar);
    bar->setContentsMargins(24, 6, 24, 6);
    bar->setSpacing(8);
    bar->addWidget(m_modeButtons);
    bar->addWidget(m_tools, 1);
    m_tools->addWidget(new QWidget);

    m_note->setProperty("badge", u"warning"_s);
    m_note->setObjectName("preview.note"_L1);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    auto *noteRow = new QHBoxLayout;
    noteRow->setContentsMargins(24, 0, 24, 0);
    noteRow->addWidget(m_note);

    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(m_bar);
    column->addLayout(noteRow);
    column->addWidget(m_stack, 1);
    m_state = new StateView(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);
    clear();
}

PreviewView::~PreviewView() = default;

void PreviewView::show(const PreviewSource &source)
{
    m_source = source;
    if (m_current)
        m_current->close();
    m_failure.clear();
    m_file.reset();
    m_opening.start(
        this,
        [source](const std::stop_token &) {
            Opening opening{RandomFile::open(source.path), FileKind::Binary};
            if (opening.file) {
                opening.kind = fileKindOf(source.name, source.contentType,
                                          (*opening.file)->read(0, tellingBytes));
            }
            return opening;
        },
        [this](const Opening &opening) { begin(opening); });
}

void PreviewView::clear()
{
    m_opening.cancel();
    if (m_current)
        m_current->close();
    m_current = nullptr;
    m_file.reset();
    m_source = {};
    m_state->showMessage(u"file"_s, tr("No file chosen"), {});
}

void PreviewView::begin(const Opening &opening)
{
    if (!opening.file) {
        m_state->showMessage(u"error"_s, tr("This file cannot be shown"),
                             opening.file.error().message);
        return;
    }
    m_file = *opening.file;
    m_kind = opening.kind;
    QAbstractButton *rendered = m_modes.button(static_cast<int>(Mode::Rendered));
    switch (m_kind) {
    case FileKind::Image:
    case FileKind::Svg: rendered->setText(tr("Picture")); break;
    case FileKind::Pdf: rendered->setText(tr("Pages")); break;
    case FileKind::Table: rendered->setText(tr("Table")); break;
    case FileKind::Json: rendered->setText(tr("Tree")); break;
    default: rendered->setText(tr("Preview"));
    }
    rendered->setVisible(hasRendering(m_kind));
    m_modes.button(static_cast<int>(Mode::Source))->setVisible(hasSource(m_kind));
    open(hasRendering(m_kind) ? Mode::Rendered : hasSource(m_kind) ? Mode::Source : Mode::Bytes);
}

void PreviewView::setMode(Mode mode)
{
    if (!m_file || mode == m_mode)
        return;
    m_failure.clear();
    open(mode);
}

Viewer *PreviewView::viewer(FileKind kind, Mode mode)
{
    if (mode == Mode::Bytes)
        return add(u"bytes"_s, [] { return new HexViewer; });
    if (mode == Mode::Source)
        return add(u"text"_s, [] { return new TextViewer; });
    switch (kind) {
    case FileKind::Image:
        return add(u"image"_s, [] { return new DocumentViewer(preview::Kind::Image); });
    case FileKind::Svg: return add(u"svg"_s, [] { return new DocumentViewer(preview::Kind::Svg); });
    case FileKind::Pdf: return add(u"pdf"_s, [] { return new DocumentViewer(preview::Kind::Pdf); });
    case FileKind::Table: return add(u"table"_s, [] { return new TableViewer; });
    case FileKind::Json: return add(u"json"_s, [] { return new JsonViewer; });
    case FileKind::Markdown: return add(u"markdown"_s, [] { return new MarkdownViewer; });
    default: return add(u"text"_s, [] { return new TextViewer; });
    }
}

/// Viewers are made when they are first wanted, and kept.
Viewer *PreviewView::add(const QString &id, const Make &make)
{
    Viewer *&viewer = m_viewers[id];
    if (viewer)
        return viewer;
    Viewer *fresh = make();
    viewer = fresh;
    m_stack->addWidget(fresh);
    if (QWidget *tools = fresh->tools())
        m_tools->addWidget(tools);
    if (!m_theme.id().isEmpty())
        fresh->applyTheme(m_theme);
    connect(fresh, &Viewer::opened, this, [this, fresh] {
        if (fresh != m_current)
            return;
        m_state->showContent();
        Q_EMIT shown();
    });
    connect(fresh, &Viewer::failed, this, [this, fresh](const QString &why) {
        if (fresh == m_current)
            fallBack(fresh, why);
    });
    connect(fresh, &Viewer::noted, this, [this, fresh](const QString &note) {
        if (fresh != m_current)
            return;
        m_hint = note;
        showNote();
    });
    return fresh;
}

void PreviewView::open(Mode mode)
{
    m_mode = mode;
    m_modes.button(static_cast<int>(mode))->setChecked(true);
    Viewer *next = viewer(m_kind, mode);
    if (m_current && m_current != next)
        m_current->close();
    m_current = next;
    m_hint.clear();
    showNote();
    m_stack->setCurrentWidget(next);
    showTools(next);
    m_state->showLoading(tr("Reading …"));
    next->open(m_file, QFileInfo(m_source.name).fileName());
}

void PreviewView::showTools(Viewer *viewer)
{
    QWidget *tools = viewer->tools();
    m_tools->setCurrentWidget(tools ? tools : m_tools->widget(0));
    if (tools)
        tools->show();
}

void PreviewView::fallBack(Viewer *, const QString &why)
{
    m_failure = failureSentence(why);
    open(m_mode == Mode::Rendered && hasSource(m_kind) ? Mode::Source : Mode::Bytes);
}

QString PreviewView::failureSentence(const QString &why) const
{
    switch (m_kind) {
    case FileKind::Image:
    case FileKind::Svg: return tr("The picture cannot be shown. %1").arg(why);
    case FileKind::Pdf: return tr("The pages cannot be shown. %1").arg(why);
    case FileKind::Table: return tr("The table cannot be shown. %1").arg(why);
    case FileKind::Json: return tr("The tree cannot be shown. %1").arg(why);
    default: return tr("The preview cannot be shown. %1").arg(why);
    }
}

void PreviewView::showNote()
{
    QStringList notes;
    if (!m_failure.isEmpty())
        notes += m_failure;
    if (m_kind == FileKind::Html && m_mode == Mode::Source)
        notes += tr("HTML is shown as source: nothing in it is run or loaded.");
    if (!m_hint.isEmpty())
        notes += m_hint;
    m_note->setText(notes.join(u'\n'));
    m_note->setVisible(!notes.isEmpty());
}

QImage PreviewView::picture() const
{
    auto *document = qobject_cast<DocumentViewer *>(m_current);
    return document ? document->canvas().picture() : QImage();
}

void PreviewView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_state->applyTheme(theme);
    for (Viewer *viewer : std::as_const(m_viewers))
        viewer->applyTheme(theme);
}

} // namespace skillbox
