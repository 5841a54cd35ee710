#include "app/desktop/text/diff_view.h"

#include "app/desktop/text/diff_canvas.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/state_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPromise>
#include <QShortcut>
#include <QThreadPool>
#include <QToolButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Texts up to this many units together are compared at once: it takes less than a frame.
constexpr qsizetype comparedAtOnce = 64 * 1024;

} // namespace

DiffView::DiffView(QWidget *parent)
    : QWidget(parent)
    , m_leftTitle(new QLabel)
    , m_rightTitle(new QLabel)
    , m_place(new QLabel)
    , m_note(new QLabel)
    , m_previous(iconButton(u"diff.previous"_s, tr("Previous difference (Shift+F7)")))
    , m_next(iconButton(u"diff.next"_s, tr("Next difference (F7)")))
    , m_unified(iconButton(u"diff.unified"_s, tr("One below the other")))
    , m_canvas(new DiffCanvas)
    , m_rows(std::make_shared<DiffRows>())
{
    m_previous->setArrowType(Qt::UpArrow);
    m_next->setArrowType(Qt::DownArrow);
    m_unified->setText(tr("Unified"));
    m_unified->setCheckable(true);
    m_canvas->setObjectName(u"diff.canvas"_s);
    m_place->setObjectName(u"diff.place"_s);
    m_note->setObjectName(u"diff.note"_s);
    m_place->setProperty("textRole", u"muted"_s);
    m_note->setProperty("textRole", u"muted"_s);
    m_note->setWordWrap(true);
    m_note->hide();
    for (QLabel *label : {m_leftTitle, m_rightTitle, m_place, m_note})
        label->setTextFormat(Qt::PlainText);
    for (QLabel *title : {m_leftTitle, m_rightTitle}) {
        title->setMinimumWidth(40);
        title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    }

    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(8, 4, 8, 4);
    head->setSpacing(8);
    head->addWidget(m_leftTitle, 1);
    head->addWidget(m_place);
    head->addWidget(m_previous);
    head->addWidget(m_next);
    head->addWidget(m_unified);
    head->addWidget(m_rightTitle, 1);
    m_rightTitle->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    column->addLayout(head);
    auto *notes = new QHBoxLayout;
    notes->setContentsMargins(8, 0, 8, 4);
    notes->addWidget(m_note);
    column->addLayout(notes);
    column->addWidget(m_canvas, 1);
    m_state = new StateView(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);

    connect(m_previous, &QToolButton::clicked, this, &DiffView::showPrevious);
    connect(m_next, &QToolButton::clicked, this, &DiffView::showNext);
    connect(m_unified, &QToolButton::toggled, this, &DiffView::setUnified);
    connect(m_canvas, &DiffCanvas::currentBlockChanged, this, &DiffView::tellPlace);
    connect(&m_comparison, &QFutureWatcherBase::finished, this, [this] {
        if (m_comparison.future().resultCount() > 0)
            showRows(m_comparison.result());
    });
    const auto shortcut = [this](const QKeySequence &keys, void (DiffView::*slot)()) {
        auto *action = new QShortcut(keys, this);
        action->setContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QShortcut::activated, this, slot);
    };
    shortcut(QKeySequence(Qt::Key_F7), &DiffView::showNext);
    shortcut(QKeySequence(Qt::SHIFT | Qt::Key_F7), &DiffView::showPrevious);
}

DiffView::~DiffView() = default;

void DiffView::setTexts(const QString &leftTitle, const QString &left, const QString &rightTitle,
                        const QString &right, const QString &fileName)
{
    m_leftTitle->setText(leftTitle);
    setPlainToolTip(*m_leftTitle, leftTitle);
    m_rightTitle->setText(rightTitle);
    setPlainToolTip(*m_rightTitle, rightTitle);
    m_canvas->setAccessibleName(fileName.isEmpty()
                                    ? tr("Differences of %1 and %2").arg(leftTitle, rightTitle)
                                    : tr("Differences in %1").arg(fileName));
    m_sameText = left == right;
    m_comparison.setFuture({}); // an older question has no answer any more
    if (left.size() + right.size() <= comparedAtOnce) {
        showRows(std::make_shared<const DiffRows>(compareTexts(left, right)));
        return;
    }
    m_rows = std::make_shared<DiffRows>();
    m_state->showLoading(tr("Comparing …"));
    auto promise = std::make_shared<QPromise<std::shared_ptr<const DiffRows>>>();
    m_comparison.setFuture(promise->future());
    promise->start();
    QThreadPool::globalInstance()->start([promise, left, right] {
        promise->addResult(std::make_shared<const DiffRows>(compareTexts(left, right)));
        promise->finish();
    });
}

void DiffView::showMessage(const QString &icon, const QString &title, const QString &text)
{
    m_comparison.setFuture({});
    m_rows = std::make_shared<DiffRows>();
    m_state->showMessage(icon, title, text);
}

void DiffView::showRows(std::shared_ptr<const DiffRows> rows)
{
    m_rows = std::move(rows);
    m_canvas->setRows(m_rows);
    if (m_rows->isIdentical()) {
        m_state->showMessage(
            u"check"_s, tr("No difference"),
            m_sameText
                ? tr("%1 and %2 are the same.").arg(m_leftTitle->text(), m_rightTitle->text())
                : tr("Only the ends of lines differ."));
    } else {
        QStringList notes;
        if (m_rows->isCut)
            notes += tr("Only the first %1 million characters are compared.")
                         .arg(mostComparedUnits >> 20);
        if (!m_rows->isShortest)
            notes += tr("The texts differ in so many lines that a part is shown as replaced.");
        m_note->setText(notes.join(u' '));
        m_note->setVisible(!notes.isEmpty());
        m_state->showContent();
        if (!m_rows->blocks.empty())
            m_canvas->goToBlock(0);
    }
    tellPlace();
    Q_EMIT compared();
}

int DiffView::differences() const
{
    return static_cast<int>(m_rows->blocks.size());
}

bool DiffView::isUnified() const
{
    return m_canvas->arrangement() == DiffCanvas::Arrangement::Unified;
}

void DiffView::setUnified(bool unified)
{
    m_unified->setChecked(unified);
    m_canvas->setArrangement(unified ? DiffCanvas::Arrangement::Unified
                                     : DiffCanvas::Arrangement::SideBySide);
}

void DiffView::showNext()
{
    step(1);
}

void DiffView::showPrevious()
{
    step(-1);
}

void DiffView::step(int by)
{
    m_canvas->goToBlock(qBound(0, m_canvas->currentBlock() + by, qMax(0, differences() - 1)));
}

void DiffView::tellPlace()
{
    const int current = m_canvas->currentBlock();
    m_place->setText(differences() == 0
                         ? QString()
                         : tr("Difference %1 of %2").arg(qMax(0, current) + 1).arg(differences()));
    m_previous->setEnabled(current > 0);
    m_next->setEnabled(current + 1 < differences());
}

void DiffView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_canvas->applyTheme(theme);
    m_state->applyTheme(theme);
}

} // namespace skillbox
