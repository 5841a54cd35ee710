#pragma once

#include <KSyntaxHighlighting/AbstractHighlighter>
#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/State>
#include <KSyntaxHighlighting/Theme>

#include <QElapsedTimer>
#include <QHash>
#include <QSyntaxHighlighter>
#include <QTextCharFormat>
#include <QTextCursor>
#include <QTimer>

namespace skillbox {

/// Colours a document with KSyntaxHighlighting's rules, a few milliseconds at a time; Markdown with
/// a second language for its front matter. GUI thread.
class SlicedHighlighter : public QSyntaxHighlighter
{
    Q_OBJECT

public:
    explicit SlicedHighlighter(QTextDocument *document);

    /// Colours everything anew. `front` is the language between two leading `---`; an invalid one:
    /// there is no front matter.
    void setLanguage(const KSyntaxHighlighting::Definition &definition,
                     const KSyntaxHighlighting::Definition &front,
                     const KSyntaxHighlighting::Theme &theme);

protected:
    void highlightBlock(const QString &text) override;

private:
    /// One language's rules, applied to a line.
    class Rules final : public KSyntaxHighlighting::AbstractHighlighter
    {
    public:
        using Paint = std::function<void(int, int, const KSyntaxHighlighting::Format &)>;
        KSyntaxHighlighting::State apply(QStringView text, const KSyntaxHighlighting::State &state,
                                         const Paint &paint);

    protected:
        void applyFormat(int offset, int length,
                         const KSyntaxHighlighting::Format &format) override;

    private:
        const Paint *m_paint = nullptr;
    };

    enum class Part { Start, Front, Body };
    struct LineState;
    LineState *stateOf(const QTextBlock &block) const;
    Part partOf(const QString &text, Part before) const;
    void paintFormat(int offset, int length, const KSyntaxHighlighting::Format &format);
    void keepFormats();
    bool mayGoOn();
    void nextSlice();

    Rules m_body;
    Rules m_front;
    bool m_hasFront = false;
    KSyntaxHighlighting::Theme m_theme;
    QHash<quint16, QTextCharFormat> m_formats; ///< by KSyntaxHighlighting's id
    int m_generation = 0;                      ///< of the language and theme
    QElapsedTimer m_slice;
    bool m_inSlice = false;
    QTextCursor m_rest;     ///< where colouring goes on; null: all is done
    QTextCursor m_restLast; ///< the last line that waits for it
    QTimer m_timer;
};

} // namespace skillbox
