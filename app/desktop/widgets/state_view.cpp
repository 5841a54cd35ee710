#include "app/desktop/widgets/state_view.h"

#include "app/desktop/theme/icons.h"

#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int mostTextWidth = 420;
constexpr int iconSize = 48;

/// A text in the middle that wraps where there is less room than it would like. Not by an
/// alignment: with one a layout asks for the size of a single line.
QHBoxLayout *centred(QLabel &text)
{
    text.setMaximumWidth(mostTextWidth);
    auto *row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(&text, mostTextWidth); // nearly all of the room, up to its own bound
    row->addStretch(1);
    return row;
}

} // namespace

StateView::StateView(QWidget *content, QWidget *parent)
    : QStackedWidget(parent)
    , m_content(content)
    , m_loading(new QWidget)
    , m_loadingText(new QLabel)
    , m_message(new QWidget)
    , m_icon(new QLabel)
    , m_title(new QLabel)
    , m_text(new QLabel)
    , m_button(new QPushButton)
{
    auto *loading = new QVBoxLayout(m_loading);
    auto *bar = new QProgressBar;
    bar->setRange(0, 0);
    bar->setFixedWidth(220);
    bar->setAccessibleName(tr("Working"));
    m_loadingText->setTextFormat(Qt::PlainText);
    m_loadingText->setProperty("textRole", u"muted"_s);
    loading->addStretch(2);
    loading->addWidget(m_loadingText, 0, Qt::AlignHCenter);
    loading->addSpacing(8);
    loading->addWidget(bar, 0, Qt::AlignHCenter);
    loading->addStretch(3);

    auto *message = new QVBoxLayout(m_message);
    m_title->setProperty("textRole", u"title"_s);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setAlignment(Qt::AlignCenter);
    m_title->setWordWrap(true);
    m_text->setProperty("textRole", u"muted"_s);
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_button->setProperty("kind", u"primary"_s);
    message->addStretch(2);
    message->addWidget(m_icon, 0, Qt::AlignHCenter);
    message->addSpacing(12);
    message->addLayout(centred(*m_title));
    message->addSpacing(4);
    message->addLayout(centred(*m_text));
    message->addSpacing(16);
    message->addWidget(m_button, 0, Qt::AlignHCenter);
    message->addStretch(3);
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (m_action)
            m_action();
    });

    addWidget(m_content);
    addWidget(m_loading);
    addWidget(m_message);
}

void StateView::showContent()
{
    setCurrentWidget(m_content);
}

void StateView::showLoading(const QString &what)
{
    m_loadingText->setText(what);
    setCurrentWidget(m_loading);
}

void StateView::showMessage(const QString &icon, const QString &title, const QString &text,
                            const QString &actionTitle, std::function<void()> action)
{
    m_iconName = icon;
    m_title->setText(title);
    m_text->setText(text);
    m_action = std::move(action);
    m_button->setText(actionTitle);
    m_button->setVisible(!actionTitle.isEmpty());
    drawIcon();
    setCurrentWidget(m_message);
}

void StateView::drawIcon()
{
    if (m_iconName.isEmpty() || m_theme.id().isEmpty())
        return;
    m_icon->setPixmap(themedIcon(m_iconName, m_theme, ColorRole::BorderStrong)
                          .pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
}

void StateView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    drawIcon();
}

} // namespace skillbox
