import { Component, type ReactNode } from 'react'

interface PlainProps {
  text: string
  note: string
  children: ReactNode
}

/** Shows the plain text where its form cannot be read, so that no answer can take the page down. */
export class PlainOnError extends Component<PlainProps, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <>
        <p className="said" dir="auto">
          {this.props.text}
        </p>
        <p className="aside">{this.props.note}</p>
      </>
    )
  }
}
