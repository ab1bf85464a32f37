/** The limits of a form, and what becomes of its files. The reasons for the numbers stand in docs/web.md. */

/** What is taken of a form; beyond it 413, with the limit and the field in the message. */
export interface FormLimits {
  /** Bytes of the whole body. Default: the server's `maxBodyBytes`. */
  readonly maxBytes?: number;
  /** Bytes of one file. Default: as many as the body may have. */
  readonly maxFileBytes?: number;
  /** Files. Default 100. */
  readonly maxFiles?: number;
  /** Text fields. Default 1,000. */
  readonly maxFields?: number;
  /** Bytes of one text field's value. Default 256 KiB. */
  readonly maxFieldBytes?: number;
  /** Bytes of all text fields together, names included. Default 1 MiB. */
  readonly maxTextBytes?: number;
  /** Bytes of a field's name. Default 256. */
  readonly maxNameBytes?: number;
  /** Bytes of the header lines of one part. Default 8 KiB. */
  readonly maxPartHeaderBytes?: number;
  /** Header lines of one part. Default 16. */
  readonly maxPartHeaders?: number;
}

export interface FormOptions extends FormLimits {
  /** Bytes of files that are kept in memory, all files of the form together; what is more goes to a temporary file. Default 1 MiB. */
  readonly memoryBytes?: number;
  /** The folder for the temporary file. Default: the system's. */
  readonly directory?: string;
}

export type ResolvedLimits = Required<Omit<FormLimits, "maxBytes">>;

const defaults: ResolvedLimits = Object.freeze({
  maxFileBytes: Number.POSITIVE_INFINITY,
  maxFiles: 100,
  maxFields: 1000,
  maxFieldBytes: 256 * 1024,
  maxTextBytes: 1024 * 1024,
  maxNameBytes: 256,
  maxPartHeaderBytes: 8 * 1024,
  maxPartHeaders: 16,
});

export const defaultMemoryBytes: number = 1024 * 1024;

/** @throws RangeError for a limit that is no number of 0 or more. */
export function resolveLimits(options: FormLimits): ResolvedLimits {
  const limits = {
    maxFileBytes: options.maxFileBytes ?? defaults.maxFileBytes,
    maxFiles: options.maxFiles ?? defaults.maxFiles,
    maxFields: options.maxFields ?? defaults.maxFields,
    maxFieldBytes: options.maxFieldBytes ?? defaults.maxFieldBytes,
    maxTextBytes: options.maxTextBytes ?? defaults.maxTextBytes,
    maxNameBytes: options.maxNameBytes ?? defaults.maxNameBytes,
    maxPartHeaderBytes: options.maxPartHeaderBytes ?? defaults.maxPartHeaderBytes,
    maxPartHeaders: options.maxPartHeaders ?? defaults.maxPartHeaders,
  };
  for (const [name, value] of Object.entries(limits)) checkLimit(name, value);
  return limits;
}

/** @throws RangeError */
export function checkLimit(name: string, value: number): void {
  if (!(value >= 0)) throw new RangeError(`${name} is a number of 0 or more, not ${value}`);
}
